import type { QueueSample } from "./types";

export type Measure = "waiting" | "oldest_ms" | "wait_p99_ms" | "judged";

/** All tiers over the same times, in the displayed unit; `null` without a measurement. */
export interface ChartSeries {
  times: number[];
  tiers: { tier: string; values: (number | null)[] }[];
}

/** Samples of tiers that are not among `tiers` are left out. */
export function chartSeries(samples: readonly QueueSample[], measure: Measure, tiers: readonly string[]): ChartSeries {
  const times = [...new Set(samples.map((sample) => Date.parse(sample.at) / 1000))].sort((a, b) => a - b);
  const indexOf = new Map(times.map((time, at) => [time, at]));
  const values = new Map(tiers.map((tier) => [tier, empty(times.length)]));
  for (const sample of samples) {
    const at = indexOf.get(Date.parse(sample.at) / 1000) ?? 0;
    const series = values.get(sample.tier);
    if (series) series[at] = read(sample, measure, (times[at] ?? 0) - (times[at - 1] ?? Number.NaN));
  }
  return { times, tiers: [...values].map(([tier, found]) => ({ tier, values: found })) };
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

/** The newest sample of a tier that has wait times. */
export function latestWaits(samples: readonly QueueSample[], tier: QueueSample["tier"]): QueueSample | undefined {
  return samples.findLast((sample) => sample.tier === tier && sample.wait_p50_ms !== null);
}

const RATE_WINDOW_MS = 120_000;

/** Judged submissions per minute over the last two minutes; an hour's mean would hide a standstill. */
export function judgedPerMinute(samples: readonly QueueSample[], tier: QueueSample["tier"]): number | null {
  const since = Date.parse(samples.at(-1)?.at ?? "") - RATE_WINDOW_MS;
  const recent = samples.filter((sample) => sample.tier === tier && Date.parse(sample.at) >= since);
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last || first === last) return null;
  const minutes = (Date.parse(last.at) - Date.parse(first.at)) / 60_000;
  const judged = recent.slice(1).reduce((sum, sample) => sum + sample.judged, 0);
  return minutes > 0 ? judged / minutes : null;
}

/** The indexes of measurements without a near neighbour: a line needs two points, so these are drawn as dots. */
export function isolatedPoints(
  times: ArrayLike<number>,
  values: ArrayLike<number | null | undefined>,
  near: number,
): number[] {
  const known = Array.from(values).flatMap((value, at) => (value === null || value === undefined ? [] : [at]));
  const isFar = (at: number, other: number | undefined) =>
    other === undefined || Math.abs((times[at] ?? 0) - (times[other] ?? 0)) > near;
  return known.filter((at, index) => isFar(at, known[index - 1]) && isFar(at, known[index + 1]));
}
