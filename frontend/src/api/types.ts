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
/** The language that no live worker of the tier has, and since when. */
export type NoWorker = NonNullable<Status["no_worker"]>;
export type TestRow = Schemas["StatusOut.TestOut"];

/** A submission as its owner or an admin reads it: the status and the source. */
export type Submission = Schemas["SubmissionOut"];
/** One attempt to judge a submission. A second attempt means that the first one was lost. */
export type Attempt = Schemas["SubmissionOut.AttemptOut"];
export type Accepted = Schemas["AcceptedOut"];

export type Role = Schemas["MeOut"]["role"];
export type Language = Schemas["LanguagesOut.LanguageOut"];

/** A problem in the list; `mark` is `null` when signed out. */
export type ProblemSummary = Schemas["ProblemsOut.ProblemLine"];
export type Sample = Schemas["ProblemOut.SampleOut"];
/** Its HTML is sanitised by the server; formulas are MathML. */
export type Statement = Schemas["ProblemOut.StatementOut"];

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
