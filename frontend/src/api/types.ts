/** The objects of the native API, as `/openapi.json` describes them. */

export type Tier = "normal" | "premium";
export type Role = "user" | "author" | "admin";
export type Stage = "QUEUED" | "COMPILING" | "RUNNING" | "DONE" | "FAILED" | "CANCELLED";
export type State = "PENDING" | "STARTED" | "SUCCESS" | "FAILURE";
export type Verdict = "AC" | "WA" | "TLE" | "MLE" | "OLE" | "RTE" | "CE";

export interface TestRow {
  name: string;
  verdict: Verdict;
  cpu_ms: number;
  wall_ms: number;
  memory_kb: number;
  sample?: boolean;
  score?: number;
  detail?: string;
  input?: string;
  output?: string;
  expected?: string;
  stderr?: string;
  message?: string;
}

export interface SandboxMode {
  mode?: string;
  [fact: string]: unknown;
}

export interface Status {
  id: string;
  serial: number;
  state: State;
  stage: Stage;
  queue: Tier;
  problem: string | null;
  language: string;
  verdict: Verdict | null;
  status_code: number | null;
  status_msg: string | null;
  tests_done: number;
  tests_total: number;
  attempt: number;
  cpu_ms: number | null;
  memory_kb: number | null;
  score: number | null;
  compile_output: string | null;
  submitted_at: string;
  started_at: string | null;
  finished_at: string | null;
  reason?: string | null;
  tests?: TestRow[];
  sandbox?: SandboxMode | null;
}

/** A submission as its owner or an admin reads it: the status and the source. */
export interface Submission extends Status {
  source: string;
  kind: "submission" | "run";
  /** The version of the problem that it was judged against. */
  version: string | null;
  attempts: Attempt[];
}

/** One attempt to judge a submission. A second attempt means that the first one was lost. */
export interface Attempt {
  number: number;
  worker: string | null;
  started_at: string | null;
  ended_at: string | null;
  ending: string | null;
  reason: string | null;
}

export interface Accepted {
  id: string;
  status_url: string;
  events_url: string;
  queue: Tier;
}

export interface Language {
  id: string;
  name: string;
  available: boolean;
  version: string | null;
  reason?: string | null;
  editor_mode: string;
  starter: string;
  note?: string;
  extensions?: string[];
}

export interface Sample {
  name: string;
  input: string;
  output: string;
  hint?: string | null;
  interaction?: string | null;
}

export interface Statement {
  language: string;
  name: string;
  /** Sanitised by the server; formulas are MathML. */
  html: string;
  pdf: string | null;
}

/** A problem in the list; `mark` is present only when signed in. */
export interface ProblemSummary {
  slug: string;
  name: string;
  keywords?: string[];
  tags?: string[];
  difficulty?: string | null;
  submitted?: number;
  accepted?: number;
  acceptance_rate?: number | null;
  mark?: "solved" | "tried" | null;
  tests_total?: number;
  time_limit?: number | null;
}

export interface Problem extends ProblemSummary {
  version: string;
  type: string[];
  limits: { time: number | null; memory: number; output: number; code: number };
  tests_total: number;
  authors: string[];
  source: string | null;
  license: string;
  languages: string[];
  samples: Sample[];
  statements: Statement[];
  attachments: string[];
  starters: Record<string, string>;
  max_score: number | null;
  /** Why it takes no submissions for now. */
  suspended?: string | null;
  language_limits?: Record<string, LanguageLimits>;
}

/** The limits of a problem in one language: seconds (null until calibrated) and MiB. */
export interface LanguageLimits {
  time_factor: number;
  time: number | null;
  memory: number;
}
