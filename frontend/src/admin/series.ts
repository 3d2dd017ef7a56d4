import type { QueueSample } from "./wire";

export type Measure = "waiting" | "oldest_ms" | "wait_p99_ms" | "judged";

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
  if (measure === "oldest_ms") return sample.oldest_ms / 1000;
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

const LATELY_MS = 120_000;

/** How many a minute a tier has lately been judged: an hour's mean would hide that nothing goes on now. */
export function throughput(samples: readonly QueueSample[], tier: QueueSample["tier"]): number | null {
  const since = Date.parse(samples.at(-1)?.at ?? "") - LATELY_MS;
  const mine = samples.filter((sample) => sample.tier === tier && Date.parse(sample.at) >= since);
  const [first, last] = [mine[0], mine.at(-1)];
  if (!first || !last || first === last) return null;
  const minutes = (Date.parse(last.at) - Date.parse(first.at)) / 60_000;
  const judged = mine.slice(1).reduce((sum, sample) => sum + sample.judged, 0);
  return minutes > 0 ? judged / minutes : null;
}

/** The places of measurements with nothing near them: a line needs two points, so these are shown as dots. */
export function lonely(
  times: ArrayLike<number>,
  values: ArrayLike<number | null | undefined>,
  near: number,
): number[] {
  const known = Array.from(values).flatMap((value, at) => (value === null || value === undefined ? [] : [at]));
  const isFar = (at: number, other: number | undefined) =>
    other === undefined || Math.abs((times[at] ?? 0) - (times[other] ?? 0)) > near;
  return known.filter((at, place) => isFar(at, known[place - 1]) && isFar(at, known[place + 1]));
}
