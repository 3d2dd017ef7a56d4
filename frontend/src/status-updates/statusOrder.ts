import type { Stage, Status } from "../api/types";

const RANK: Record<Stage, number> = { QUEUED: 0, COMPILING: 1, RUNNING: 2, DONE: 3, FAILED: 3, CANCELLED: 3 };

export function isFinal(status: Pick<Status, "stage">): boolean {
  return RANK[status.stage] === 3;
}

function order(status: Status): number[] {
  return [Number(isFinal(status)), status.attempt, RANK[status.stage], status.tests_done];
}

/** Whether `next` is later than `seen`: two transports may deliver the same status, and out of order. */
export function isNewer(next: Status, seen: Status | undefined): boolean {
  if (!seen) return true;
  const [a, b] = [order(next), order(seen)];
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}
