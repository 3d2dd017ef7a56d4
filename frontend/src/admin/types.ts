/** The objects of the /admin API. Most of its routes are for the role admin only. See `api/types.ts`. */
import type { Schemas, Verdict } from "../api/types";

/** `GET /admin/queues?hours=N`: each queue's current state, and samples of the last hours. */
export interface Queues extends Omit<Schemas["QueuesOut"], "verdicts"> {
  /** Verdicts of the last hour; FAILED means an internal error. */
  verdicts: Partial<Record<Verdict | "FAILED", number>>;
}
/** A start, a new release or an act of an operator, for the charts. */
export type Marker = Schemas["MarkerOut"];
export type QueueState = Schemas["QueueNow"];
/** One tier at one time; `judged` and the waits cover the time since the previous sample. */
export type QueueSample = Schemas["QueueSampleOut"];
/** A language that no live worker of a tier has; `waiting` is how many submissions wait for one. */
export type Unserved = Schemas["UnservedOut"];
export type UnreadableEntry = Schemas["OddEntryOut"];
/** The main server's disks. New work is refused while a disk that it needs has less free space than the floor. */
export type Storage = Schemas["StorageOut"];
export type Disk = Schemas["DiskOut"];

/** `GET /admin/workers`: the workers' registration records. */
export type WorkerRecord = Schemas["WorkerOut"];
/** One limit, and what enforces it on the worker's host: a cgroup, an rlimit, sampling, or nothing. */
export type Guarantee = Schemas["GuaranteeOut"];

/** `GET /admin/submissions`: all submissions, with their accounts. */
export type OwnedStatus = Schemas["OwnedStatus"];

/** `GET /admin/accounts` */
export type AccountSummary = Schemas["ListedAccount"];
/** `GET /admin/groups` */
export type Group = Schemas["GroupOut"];
/**
 * `POST /admin/accounts/import`: if the file has faults, no account is made. Passwords are null until the accounts are
 * made.
 */
export type AccountImport = Schemas["ImportOut"];
export type ImportedAccount = Schemas["ImportedAccount"];
/** `POST /admin/accounts/bulk` */
export type BulkResult = Schemas["ManyAccountsOut"];

/** `GET /admin/problems`; `faults` is the number of submissions that failed because of this version. */
export type ProblemVersion = Schemas["OfferedVersion"];
/** `GET /admin/problems/<slug>/faults`: a submission that failed because of the problem. */
export type ProblemFault = Schemas["ProblemFaultLine"];
/** `POST /admin/problems/<slug>/verify`: the runs to follow, with their expected verdicts. */
export type Verification = Schemas["ProofBegunOut"];
export type VerificationRun = Schemas["ProofLine"];
/** A rejudged submission and its verdict before. */
export interface Rejudged extends Omit<Schemas["RejudgedOne"], "before"> {
  before: Verdict | null;
}

/** `GET /admin/audit`, newest first. */
export type AuditEntry = Schemas["AuditLine"];

/** `GET /admin/submissions/<id>/why` */
export type Why = Schemas["WhyOut"];
/** `GET /admin/logs` */
export type Logs = Schemas["LogsOut"];
export type LearningPlatforms = Schemas["PlatformsOut"];
export type LearningPlatform = Schemas["PlatformOut"];
