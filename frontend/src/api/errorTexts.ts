import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";

/** One wrong field, as the API names it; `bound` is the lower or upper limit that the value does not keep. */
export interface FieldError {
  field: string;
  message: string;
  code?: string | undefined;
  bound?: number | undefined;
}

export interface Refusal {
  status: number;
  type: string;
  detail: string | undefined;
}

/** The words for an error's type. A type that is not here has a sentence of the server that is written for people. */
const BY_TYPE: Record<string, MessageDescriptor> = {
  "session-ended": msg`You are not signed in any more. Sign in again to go on.`,
  "account-disabled": msg`This account is disabled. Ask an administrator of this server.`,
  "body-timeout": msg`The connection was too slow to send this. Try again.`,
  "body-too-large": msg`This is more than the server takes at once.`,
  "idempotency-key-reused": msg`This was sent before with other content. Try again.`,
  internal: msg`Something went wrong on the server. Try again; if it happens again, tell an administrator.`,
  malformed: msg`The server could not read this. Reload the page and try again.`,
  "method-not-allowed": msg`The server does not know this action. Reload the page and try again.`,
  "not-acceptable": msg`The server does not know this action. Reload the page and try again.`,
  "queue-unavailable": msg`The server cannot do this just now. Try again in a moment.`,
  "store-unavailable": msg`The server cannot do this just now. Try again in a moment.`,
  "unreadable-record": msg`This record is damaged and cannot be shown. Tell an administrator.`,
  "unsupported-media-type": msg`The server does not know this action. Reload the page and try again.`,
};
/**
 * The words for errors whose sentence the server writes in English. A page in another language shows these words and
 * then the server's sentence.
 */
const ABOUT: Record<string, MessageDescriptor> = {
  unauthorized: msg`The sign-in was refused.`,
  "second-factor-needed": msg`The code of the second factor is needed.`,
  forbidden: msg`This is not allowed here.`,
  "not-found": msg`This does not exist, or you may not see it.`,
  conflict: msg`This is not possible in the present state.`,
  "too-many": msg`This is more than your quota allows now.`,
  maintenance: msg`The server is under maintenance.`,
};
const OF_A_SESSION = /X-CSRF/;
const OF_A_SESSION_PAGE = msg`This page was open for too long. Reload it and try again.`;
/** Names of headers and routes: a sentence with one of them is for programs. */
const FOR_PROGRAMS = /X-CSRF|Authorization|Idempotency-Key|\b(GET|POST|PUT|PATCH|DELETE) \//;

const FIELDS: Record<string, MessageDescriptor> = {
  name: msg`Name`,
  password: msg`Password`,
  new_password: msg`New password`,
  current_password: msg`Present password`,
  email: msg`E-mail address`,
  full_name: msg`Full name`,
  code: msg`Code`,
  source: msg`Your program`,
  files: msg`The files`,
  language: msg`Language`,
  problem: msg`Problem`,
  stdin: msg`Input`,
  expected_output: msg`Expected output`,
  invitation: msg`Invitation`,
  token: msg`The link`,
  link: msg`The link`,
  key: msg`API key`,
  slug: msg`Short name`,
  title: msg`Title`,
  starts_at: msg`Beginning`,
  ends_at: msg`End`,
  package: msg`The package`,
  url: msg`Address`,
  expires_at: msg`Expiry`,
  reason: msg`Reason`,
  message: msg`Message`,
  question: msg`Question`,
  account: msg`Account`,
  owner: msg`Owner`,
};

/** The sentence that a person reads for an error as a whole. */
export function errorText({ status, type, detail }: Refusal): string {
  const name = type.replace(/^\/errors\//, "");
  const known = BY_TYPE[name];
  if (known) return i18n._(known);
  if (detail && OF_A_SESSION.test(detail)) return i18n._(OF_A_SESSION_PAGE);
  if (detail && FOR_PROGRAMS.test(detail)) return unknown(status);
  if (!detail) return unknown(status);
  const about = ABOUT[name];
  return i18n.locale === "en" ? sentence(detail) : `${about ? i18n._(about) : unknown(status)} (${detail})`;
}

function unknown(status: number): string {
  return t`The server refused this (${status}). Reload the page and try again.`;
}

/** The fault of one field, in the reader's language where the error has a code. */
export function fieldText({ code, bound, field, message }: FieldError): string {
  const words = byCode(code, bound ?? 0, field);
  if (words) return words;
  if (FOR_PROGRAMS.test(message)) return t`This has a value that is not allowed here.`;
  return i18n.locale === "en" ? sentence(message) : `${t`This has a value that is not allowed here.`} (${message})`;
}

function byCode(code: string | undefined, bound: number, field: string): string | undefined {
  switch (code) {
    case "missing":
      return t`This is missing.`;
    case "too-short":
      return bound === 1 ? t`This must not be empty.` : t`At least ${bound} characters.`;
    case "too-long":
      return t`At most ${bound} characters.`;
    case "too-few":
      return bound === 1 ? t`Give at least one entry.` : t`At least ${bound}.`;
    case "too-many":
    case "too-great":
      return t`At most ${bound}.`;
    case "too-small":
      return t`At least ${bound}.`;
    case "wrong-characters":
      return /(^|\.)name$/.test(field)
        ? t`Use only letters, digits, dots, @, - and _. Begin with a letter or digit.`
        : t`This has characters that are not allowed here.`;
    default:
      return undefined;
  }
}

/**
 * The name of a field, as its form shows it; a field that is in no form has the API's name, and a file has its own
 * name.
 */
export function fieldName(field: string): string {
  const known = FIELDS[withoutPlace(field)];
  return known ? i18n._(known) : field;
}

/** Like {@link fieldName}, for a form whose fields have these labels. */
export function namesByLabel(labels: Record<string, string>): (field: string) => string {
  return (field) => labels[withoutPlace(field)] ?? fieldName(field);
}

/** The name of a list for the name of a part of it, such as `rules.late` for `rules.late.0.minutes`. */
function withoutPlace(field: string): string {
  return field.replace(/\.\d+(\..*)?$/, "");
}

/** The server's sentences begin with a small letter and end without a full stop. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
