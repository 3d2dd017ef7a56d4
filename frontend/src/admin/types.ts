import type { Role, Status, Tier, Verdict } from "../api/types";

/** The objects of the /admin API, which is for the role admin only. */

/** `GET /admin/queues?hours=N`: each queue's current state, and samples of the last hours. */
export interface Queues {
  queues: QueueState[];
  /** False while Redis is unreachable: the numbers then come from the database alone. */
  reachable: boolean;
  queue_health: { reachable: boolean; since: string | null; outbox: number };
  /** Entries of Redis that could not be read, since Redis was empty: kept apart, and the loops went on. */
  set_aside?: { total: number; by_source: Record<string, number>; latest: UnreadableEntry[] };
  storage: Storage;
  /** Verdicts of the last hour; FAILED means an internal error. */
  verdicts: Partial<Record<Verdict | "FAILED", number>>;
  samples: QueueSample[];
}

export interface UnreadableEntry {
  at: string;
  source: string;
  key: string;
  reason: string;
  content: string;
}

/** The main server's disks. New work is refused while one that is needed has less free than the floor. */
export interface Storage {
  floor_bytes: number;
  disks: Disk[];
  redis_files_set_aside: { folder: string; at: string }[];
}

export interface Disk {
  name: "data" | "database" | "scratch";
  folder: string;
  total_bytes: number;
  free_bytes: number;
  is_low: boolean;
  error: string | null;
}

export interface QueueState {
  tier: Tier;
  /** Accepted and not started: queued, or still in the outbox. */
  waiting: number;
  /** Those of them that are still in the outbox. */
  unsent: number;
  running: number;
  oldest_ms: number;
  /** Internal errors of the last hour. */
  failed: number;
  workers: number;
  paused: boolean;
}

/** One tier at one time; `judged` and the waits are of the time since the sample before it. */
export interface QueueSample {
  at: string;
  tier: Tier;
  waiting: number;
  oldest_ms: number;
  running: number;
  workers: number;
  judged: number;
  wait_p50_ms: number | null;
  wait_p99_ms: number | null;
}

/** One limit, and what enforces it on the worker's host: a cgroup, an rlimit, sampling, or nothing. */
export interface Guarantee {
  limit: string;
  enforced_by: string;
  note?: string;
}

/** `GET /admin/workers`: the workers' registration records. */
export interface WorkerRecord {
  name: string;
  queue: Tier;
  host: string;
  pid: number;
  state: "idle" | "busy" | "draining" | "lost";
  since: string;
  heartbeat: string;
  submission: string | null;
  submission_since: string | null;
  judged: number;
  faults: number;
  reason: string | null;
  /** The sandbox mode that the self-test found, and what enforces each limit. */
  sandbox: { mode?: string; backend?: string; guarantees?: Guarantee[] };
  languages: Record<string, { version: string | null; reason: string | null }>;
  versions: Record<string, string>;
}

/** `GET /admin/submissions`: all submissions, with their accounts. */
export interface OwnedStatus extends Status {
  account?: string | null;
}

/** `GET /admin/accounts` */
export interface AccountSummary {
  id: string;
  name: string;
  tier: Tier;
  role: Role;
  created_at: string;
  disabled: boolean;
  full_name: string | null;
  email: string | null;
  deletion_due: string | null;
  second_factor: boolean;
  groups: string[];
}

/** `GET /admin/groups` */
export interface Group {
  name: string;
  members: number;
}

/** `POST /admin/accounts/import`: with faults nothing was made. Passwords are null until the accounts are made. */
export interface AccountImport {
  made: boolean;
  faults: { line: number; column: string; message: string }[];
  accounts: ImportedAccount[];
}

export interface ImportedAccount {
  name: string;
  full_name: string | null;
  tier: Tier;
  role: Role;
  groups: string[];
  password: string | null;
}

/** `POST /admin/accounts/bulk` */
export interface BulkResult {
  changed: number;
  refused: { name: string; reason: string }[];
}

/** `POST /admin/problems`: the added version, and warnings about it. */
export interface AddedProblem {
  slug: string;
  version: string;
  created: boolean;
  warnings: { file: string; message: string }[];
  /** The run that finds the time limit of a package without one. */
  time_limit_run: string | null;
  /** How many submissions were judged by other versions. */
  to_rejudge: number;
}

/** `GET /admin/problems` */
export interface ProblemVersion {
  slug: string;
  version: string;
  title: string;
  author: string | null;
  format: string;
  added_at: string;
  /** How many submissions this version made fail. */
  faults: number;
}

/** `GET /admin/problems/<slug>/faults`: a submission that the problem itself made fail. */
export interface ProblemFault {
  version: string;
  submission_id: string;
  at: string;
  reason: string;
}

/** `POST /admin/problems/<slug>/verify`: the runs to follow, with their expected verdicts. */
export interface Verification {
  slug: string;
  version: string;
  submissions: VerificationRun[];
}

export interface VerificationRun {
  name: string;
  language: string | null;
  expected: Verdict[];
  id: string | null;
  note: string | null;
}

/** A rejudged submission and its verdict before. */
export interface Rejudged {
  id: string;
  account: string | null;
  before: Verdict | null;
}

/** `GET /admin/audit`, newest first. */
export interface AuditEntry {
  id: number;
  at: string;
  account: string | null;
  act: string;
  subject: string | null;
  detail: Record<string, unknown> | null;
}
