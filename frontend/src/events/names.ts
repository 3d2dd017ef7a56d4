import { t } from "@lingui/core/macro";
import type { EventState, Invitation, Phase } from "./types";

export function phaseName(phase: Phase): string {
  switch (phase) {
    case "before":
      return t`not started`;
    case "running":
      return t`running`;
    case "frozen":
      return t`running, frozen`;
    case "ended":
      return t`ended, frozen`;
    case "final":
      return t`ended`;
  }
}

export function invitationState(state: Invitation["state"]): string {
  switch (state) {
    case "waiting":
      return t`not opened`;
    case "opened":
      return t`opened`;
    case "expired":
      return t`expired`;
    case "revoked":
      return t`revoked`;
  }
}

export function scoringName(scoring: EventState["rules"]["scoring"]): string {
  return scoring === "icpc" ? t`problems solved and penalty` : t`points`;
}

/** Says what a person may do next in an event, or why there is nothing to do. */
export function whatNext(event: EventState): string {
  if (event.phase === "before") return t`The problems are shown when it starts.`;
  if (event.paused_at) return t`The event is paused: its clock has stopped, and no one can submit until it is resumed.`;
  if (event.may_start) return t`Your time begins when you start it, and does not stop.`;
  if (event.may_submit) return t`Open a problem to submit.`;
  if (event.role === "member") return t`Your time is over.`;
  return event.may_join ? t`Join to take part.` : t`You are not a member of this event.`;
}
