import type { Role, Status, Tier, Verdict } from "../wire/types";

/** What the operator's calls answer; all below /admin, all for the role admin only. */

/** `GET /admin/queues?hours=N`: each queue now, and what was sampled over the last hours. */
export interface Queues {
  queues: QueueNow[];
  /** False while Redis cannot be reached: then the numbers are the store's alone. */
  reachable: boolean;
  queue_health: { reachable: boolean; since: string | null; outbox: number };
  /** Verdicts of the last hour; FAILED are ours. */
  verdicts: Partial<Record<Verdict | "FAILED", number>>;
  samples: QueueSample[];
}

export interface QueueNow {
  tier: Tier;
  /** Accepted and not started: those in the queue and those not sent to it yet. */
  waiting: number;
  /** Of these, the ones that still wait to be sent. */
  unsent: number;
  running: number;
  oldest_ms: number;
  /** Ours: what could not be judged in the last hour. */
  failed: number;
  workers: number;
  paused: boolean;
}

/** One tier at one moment; `judged` and the waits are of the time since the sample before it. */
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

/** One limit, and what holds it on the worker's host: a cgroup, an rlimit, sampling, or nothing. */
export interface Guarantee {
  limit: string;
  enforced_by: string;
  note?: string;
}

/** `GET /admin/workers`: the cards that the workers write of themselves. */
export interface WorkerCard {
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
  /** How it isolates: the mode that its trials found, and what enforces each limit there. */
  sandbox: { mode?: string; backend?: string; guarantees?: Guarantee[] };
  languages: Record<string, { version: string | null; reason: string | null }>;
  versions: Record<string, string>;
}

/** `GET /admin/submissions`: as everybody's own list, with whose each is. */
export interface OwnedStatus extends Status {
  account?: string | null;
}

/** `GET /admin/accounts` */
export interface AccountLine {
  id: string;
  name: string;
  tier: Tier;
  role: Role;
  created_at: string;
  disabled: boolean;
}

/** `POST /admin/problems`: what was added, and what is odd in it. */
export interface AddedProblem {
  slug: string;
  version: string;
  created: boolean;
  warnings: { file: string; message: string }[];
  /** The run that finds the time limit of a package that names none. */
  time_limit_run: string | null;
  /** How many submissions other versions have judged. */
  to_rejudge: number;
}

/** `GET /admin/problems` */
export interface OfferedVersion {
  slug: string;
  version: string;
  title: string;
  author: string | null;
  format: string;
  added_at: string;
}

/** `POST /admin/problems/<slug>/verify`: the runs to follow, and what each is promised to get. */
export interface ProofBegun {
  slug: string;
  version: string;
  submissions: ProofLine[];
}

export interface ProofLine {
  name: string;
  language: string | null;
  expected: Verdict[];
  id: string | null;
  note: string | null;
}

/** One that is judged once more, and the verdict it had. */
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
