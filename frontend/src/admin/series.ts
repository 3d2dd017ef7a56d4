import type { QueueSample } from "./wire";

export type Measure = "waiting" | "wait_p99_ms" | "judged";

/** The two tiers over the same moments, in the unit that is shown; `null` where nothing was measured. */
export interface Lines {
  times: number[];
  normal: (number | null)[];
  premium: (number | null)[];
}

export function series(samples: readonly QueueSample[], measure: Measure): Lines {
  const times = [...new Set(samples.map((sample) => Date.parse(sample.at) / 1000))].sort((a, b) => a - b);
  const place = new Map(times.map((time, at) => [time, at]));
  const lines: Lines = { times, normal: empty(times.length), premium: empty(times.length) };
  for (const sample of samples) {
    const at = place.get(Date.parse(sample.at) / 1000) ?? 0;
    lines[sample.tier][at] = read(sample, measure, (times[at] ?? 0) - (times[at - 1] ?? Number.NaN));
  }
  return lines;
}

function empty(length: number): (number | null)[] {
  return new Array<number | null>(length).fill(null);
}

function read(sample: QueueSample, measure: Measure, seconds: number): number | null {
  if (measure === "waiting") return sample.waiting;
  if (measure === "wait_p99_ms") return sample.wait_p99_ms === null ? null : sample.wait_p99_ms / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? (sample.judged * 60) / seconds : null;
}

/** The newest sample of a tier that has a wait in it: what submissions waited lately. */
export function latestWaits(
  samples: readonly QueueSample[],
  tier: QueueSample["tier"],
): QueueSample | undefined {
  return samples.findLast((sample) => sample.tier === tier && sample.wait_p50_ms !== null);
}

/** How many a minute over all the samples of a tier. */
export function throughput(samples: readonly QueueSample[], tier: QueueSample["tier"]): number | null {
  const mine = samples.filter((sample) => sample.tier === tier);
  const [first, last] = [mine[0], mine.at(-1)];
  if (!first || !last || first === last) return null;
  const minutes = (Date.parse(last.at) - Date.parse(first.at)) / 60_000;
  const judged = mine.slice(1).reduce((sum, sample) => sum + sample.judged, 0);
  return minutes > 0 ? judged / minutes : null;
}
