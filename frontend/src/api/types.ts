/**
 * The objects of the native API. Their fields come from the server's own OpenAPI document: `make reference` writes
 * `openapi.json` and, by openapi-typescript, `schemas.ts`. Only names are given here, and types where the document
 * says no more than "an object".
 */
import type { components } from "./schemas";

export type Schemas = components["schemas"];

export type Status = Schemas["StatusOut"];
export type Tier = Status["queue"];
export type Stage = Status["stage"];
export type State = Status["state"];
export type Verdict = NonNullable<Status["verdict"]>;
/** Whether submissions are taken now, and what is announced. */
export type Maintenance = Schemas["MaintenanceOut"];
/** The language that no live worker of the tier has, and since when. */
export type NoWorker = NonNullable<Status["no_worker"]>;
export type TestRow = Schemas["TestOut"];
/** The score of one test group of a scoring problem. */
export type GroupScore = Schemas["GroupScoreOut"];

/** A submission as its owner, an administrator or an event's jury reads it: the status and the source. */
export type Submission = Schemas["SubmissionOut"];
export type SubmissionLink = Schemas["SubmissionLinkOut"];
/** A submission as its public link shows it. */
export type SharedSubmission = Schemas["SharedSubmissionOut"];
/** The solution that a problem's package explains. */
export type Solution = Schemas["SolutionOut"];
/** One attempt to judge a submission. Another attempt follows if it is lost or returned, or if the submission is judged again. */
export type Attempt = Schemas["AttemptOut"];
export type Accepted = Schemas["AcceptedOut"];

export type Role = Schemas["MeOut"]["role"];
export type Language = Schemas["LanguageOut"];

/** A problem in the list; `mark` is `null` when signed out. */
export type ProblemSummary = Schemas["ProblemLine"];
export type Sample = Schemas["SampleOut"];
/** Its HTML is sanitised by the server; formulas are MathML. */
export type Statement = Schemas["StatementOut"];

/** The limits of a problem in one language: seconds (null until calibrated) and MiB. */
export interface LanguageLimits {
  time_factor: number;
  time: number | null;
  memory: number;
}

export interface Problem extends Omit<Schemas["ProblemOut"], "limits" | "language_limits"> {
  limits: { time: number | null; memory: number; output: number; code: number };
  language_limits: Record<string, LanguageLimits>;
}

/** The signed-in account; `csrf_token` is that of the session. */
export type CurrentAccount = Schemas["MeOut"] & { csrf_token?: string | null };
/** The limits of the account's tier; `null` means no limit. */
export type Quota = Schemas["QuotaOut"];
/** A program that the account is writing, as the server has it. */
export type Draft = Schemas["DraftOut"];
/** An API key; `scopes` is `null` for a key that may do everything. */
export type ApiKey = Schemas["KeyOut"];
/** A new key; only this response contains its secret. */
export type NewKey = Schemas["NewKeyOut"];
/** A session of a browser. `made_from` is the key that its owner signed in with. */
export type Session = Schemas["MySessionOut"];
/** The account and purpose of a one-time link that can still be used. */
export type OneTimeLink = Schemas["LinkOut"];
/** `GET /sso` */
export type SsoProviders = Schemas["SsoProvidersOut"];
export type SsoProvider = Schemas["SsoProviderOut"];
/** `GET /me/identities` */
export type Identity = Schemas["IdentityOut"];
/** A one-time link for an account, shown once. */
export type MadeLink = Schemas["NewLinkOut"];
/** `GET /problems/<slug>/runtimes?language=`: the best runtimes, and the range of the account's own best one. */
export interface Runtimes extends Omit<Schemas["RuntimesOut"], "band_ms"> {
  band_ms: [number, number] | null;
}
/** How many submissions are judged before this one. `sent` is false while this one waits in the outbox. */
export type QueuePosition = Schemas["PlaceOut"];
export type Webhook = Schemas["WebhookOut"];
export type NewWebhook = Schemas["NewWebhookOut"];
export type AccountDelivery = Schemas["DeliveryOut"];
export type OperatorMessage = Schemas["OperatorMessageOut"];
export type SubmissionComments = Schemas["CommentsOut"];
export type SubmissionComment = Schemas["CommentOut"];

/** `GET /me/notices`: the changes that others made to the account's submissions and events. */
export type Notice = Schemas["NoticeOut"];
export type Notices = Schemas["NoticesOut"];
