import type { Queues, QueueSample } from "./types";

const HOUR_MS = 3_600_000;

/**
 * Merges an update from the stream into the shown data: the newest state and new samples. The update has no markers.
 */
export function mergeQueues(shown: Queues, update: Queues, hours: number): Queues {
  const last = shown.samples.at(-1)?.at ?? "";
  const fresh = update.samples.filter((sample) => sample.at > last);
  const samples = fresh.length > 0 ? recent([...shown.samples, ...fresh], hours) : shown.samples;
  return { ...update, samples, markers: shown.markers };
}

function recent(samples: QueueSample[], hours: number): QueueSample[] {
  const newest = Date.parse(samples.at(-1)?.at ?? "");
  return samples.filter((sample) => newest - Date.parse(sample.at) <= hours * HOUR_MS);
}

/** A key that changes when a submission has arrived, started or ended: lists of submissions are then refetched. */
export function stateKey(update: Queues): string {
  const queues = update.queues.map((queue) => [queue.waiting, queue.running, queue.failed, queue.paused]);
  return JSON.stringify([queues, update.verdicts, update.reachable]);
}
