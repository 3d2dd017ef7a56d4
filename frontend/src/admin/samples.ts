import type { Queues, QueueSample } from "./wire";

const HOUR_MS = 3_600_000;

/** What is shown, brought up to date by what the stream told: the newest state, and the samples it did not have. */
export function joined(shown: Queues, told: Queues, hours: number): Queues {
  const last = shown.samples.at(-1)?.at ?? "";
  const fresh = told.samples.filter((sample) => sample.at > last);
  const samples = fresh.length > 0 ? recent([...shown.samples, ...fresh], hours) : shown.samples;
  return { ...told, samples };
}

function recent(samples: QueueSample[], hours: number): QueueSample[] {
  const newest = Date.parse(samples.at(-1)?.at ?? "");
  return samples.filter((sample) => newest - Date.parse(sample.at) <= hours * HOUR_MS);
}

/** Changes whenever a submission has come, begun or ended: then lists of submissions are worth asking for anew. */
export function footprint(told: Queues): string {
  const queues = told.queues.map((queue) => [queue.waiting, queue.running, queue.failed, queue.paused]);
  return JSON.stringify([queues, told.verdicts, told.reachable]);
}
