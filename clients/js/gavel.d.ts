/** A file's content: text, or bytes. */
export type Content = string | Uint8Array;

interface Program {
  language: string;
  source?: string;
  /** The files of a program of several files: an object with their contents by name, or a list as in the API. */
  files?: Record<string, Content> | { name: string; content?: string; content_base64?: string }[];
  /** A zip of the files, in base64. */
  archive?: string;
  /** The file, or the class, to start. */
  entry_point?: string;
}

export interface Submission extends Program {
  problem: string;
  run_all?: boolean;
  event?: string;
}

export interface Run extends Program {
  problem?: string;
  stdin?: string;
  expected_output?: string;
  stdin_base64?: string;
  expected_output_base64?: string;
  cases?: { stdin?: string; expected_output?: string }[];
  limits?: Record<string, number>;
  arguments?: string[];
}

export interface Accepted {
  id: string;
  status_url: string;
  events_url: string;
  queue: string;
  /** Whether an earlier request with the same idempotency key made the submission. */
  replayed: boolean;
}

export type Verdict = "AC" | "WA" | "TLE" | "MLE" | "OLE" | "RTE" | "CE";

export interface Status {
  id: string;
  serial: number;
  state: "PENDING" | "STARTED" | "SUCCESS" | "FAILURE";
  stage: string;
  verdict: Verdict | null;
  status_code: number | null;
  status_msg: string | null;
  problem: string | null;
  language: string;
  tests_done: number;
  tests_total: number;
  cpu_ms: number | null;
  memory_kb: number | null;
  score: number | null;
  compile_output: string | null;
  reason?: string | null;
  tests?: Record<string, unknown>[];
  [field: string]: unknown;
}

export interface FieldError {
  field: string;
  message: string;
}

export interface BatchResult {
  status: number;
  accepted: Accepted | null;
  error: { type: string; detail: string; errors?: FieldError[]; retry_after?: number } | null;
}

export interface CallOptions {
  signal?: AbortSignal;
}

export interface PostOptions extends CallOptions {
  /** Each call has a new key unless you give one. Repeated calls with the same key submit once. */
  idempotencyKey?: string;
}

export interface FollowOptions extends CallOptions {
  seconds?: number;
}

export declare class GavelError extends Error {
  /** The HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  readonly type: string | null;
  readonly errors: FieldError[];
  /** Seconds until the call may be repeated. `null` if the server names no time. */
  readonly retryAfter: number | null;
}

export declare class TimedOut extends Error {
  readonly submission: string;
}

export declare class Gavel {
  constructor(url: string | URL, options?: { key?: string | null; patience?: number; fetch?: typeof fetch });
  submit(submission: Submission, options?: PostOptions): Promise<Accepted>;
  run(run: Run, options?: PostOptions): Promise<Accepted>;
  submitBatch(submissions: Iterable<Submission>, options?: PostOptions): Promise<BatchResult[]>;
  runBatch(runs: Iterable<Run>, options?: PostOptions): Promise<BatchResult[]>;
  status(id: string, options?: CallOptions): Promise<Status>;
  statuses(ids: Iterable<string>, options?: CallOptions): Promise<(Status | null)[]>;
  watch(id: string, options?: FollowOptions): AsyncGenerator<Status, void>;
  wait(id: string, options?: FollowOptions): Promise<Status>;
  submission(id: string, options?: CallOptions): Promise<Record<string, unknown>>;
  history(
    filter?: Record<string, string | number | undefined>,
    options?: CallOptions,
  ): Promise<{ submissions: Status[]; cursor: string | null }>;
  cancel(id: string, options?: CallOptions): Promise<{ id: string; cancelled: boolean }>;
  problems(options?: CallOptions): Promise<unknown>;
  problem(slug: string, options?: CallOptions): Promise<Record<string, unknown>>;
  languages(options?: CallOptions): Promise<unknown>;
  me(options?: CallOptions): Promise<Record<string, unknown>>;
  call(
    method: string,
    path: string,
    options?: CallOptions & {
      query?: Record<string, unknown>;
      body?: unknown;
      headers?: Record<string, string>;
    },
  ): Promise<unknown>;
}

/** Whether judging has ended, with a verdict or without. */
export declare function isFinal(status: Status): boolean;
