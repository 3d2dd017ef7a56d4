import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

/** Names of the API's constants, as the pages show them. */
const TIERS = { normal: msg`normal`, premium: msg`premium` };
const ROLES = { user: msg`user`, author: msg`author`, admin: msg`admin` };
const DIFFICULTIES = { easy: msg`easy`, medium: msg`medium`, hard: msg`hard` };
const MARKS = { solved: msg`solved`, partial: msg`partial marks`, tried: msg`tried`, new: msg`not tried` };
const WORKER_STATES = { idle: msg`idle`, busy: msg`busy`, draining: msg`draining`, lost: msg`lost` };
const ACTIONS = { requeue: msg`requeue`, rejudge: msg`rejudge`, cancel: msg`cancel`, ignore: msg`ignore` };

export const tierName = namesOf(TIERS);
export const roleName = namesOf(ROLES);
export const difficultyName = namesOf(DIFFICULTIES);
export const markName = namesOf(MARKS);
export const workerStateName = namesOf(WORKER_STATES);
export const actionName = namesOf(ACTIONS);

/** The difficulties as options of a filter. */
export function difficultyOptions(): [string, string][] {
  return Object.keys(DIFFICULTIES).map((value) => [value, difficultyName(value)]);
}

/** The marks of a problem for the current account, as options of a filter. */
export function markOptions(): [string, string][] {
  return Object.keys(MARKS).map((value) => [value, markName(value)]);
}

export function tierOptions(tiers: readonly string[]): [string, string][] {
  return tiers.map((value) => [value, tierName(value)]);
}

/** A value that is not in the list, from a newer server, is shown as it is. */
function namesOf(messages: Record<string, MessageDescriptor>): (value: string) => string {
  return (value) => {
    const message = messages[value];
    return message ? i18n._(message) : value;
  };
}
