import type { WorkerRecord } from "./types";

/** How many workers are ready, and how many need attention. */
export interface WorkerSummary {
  ready: number;
  draining: number;
  /** Lost workers that no other worker has replaced. */
  lost: number;
}

/** The part of the name that a worker shares with its replacement. */
function placeOf({ name }: WorkerRecord): string {
  return name.replace(/-[0-9a-f]{6}$/, "");
}

/** The names of lost workers that another worker has replaced. They need no action. */
export function replacedWorkers(workers: readonly WorkerRecord[]): ReadonlySet<string> {
  const live = new Set(workers.filter(({ state }) => state !== "lost").map(placeOf));
  return new Set(workers.filter((one) => one.state === "lost" && live.has(placeOf(one))).map(({ name }) => name));
}

export function workerSummary(workers: readonly WorkerRecord[]): WorkerSummary {
  const replaced = replacedWorkers(workers);
  const count = (...states: WorkerRecord["state"][]) =>
    workers.filter((one) => states.includes(one.state) && !replaced.has(one.name)).length;
  return { ready: count("idle", "busy"), draining: count("draining"), lost: count("lost") };
}

/** Whether no other worker judges for the queue and pool of this worker. */
export function isLastOfQueue(worker: WorkerRecord, workers: readonly WorkerRecord[]): boolean {
  return !workers.some(
    (one) =>
      one.name !== worker.name &&
      one.queue === worker.queue &&
      one.pool === worker.pool &&
      (one.state === "idle" || one.state === "busy"),
  );
}
