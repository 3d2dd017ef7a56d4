import { expect, test } from "vitest";
import { chartSeries, type Measure, isolatedPoints, judgedPerMinute, latestWaits } from "./chartSeries";
import type { QueueSample } from "./types";

function sample(tier: QueueSample["tier"], second: number, change: Partial<QueueSample> = {}): QueueSample {
  const at = new Date(1_760_000_000_000 + second * 1000).toISOString();
  const nothing = { waiting: 0, oldest_ms: 0, running: 0, workers: 1, judged: 0 };
  return { at, tier, ...nothing, wait_p50_ms: null, wait_p99_ms: null, ...change };
}

const TIERS = ["normal", "premium"];
const samples = [
  sample("normal", 0, { waiting: 4 }),
  sample("premium", 0),
  sample("normal", 60, { waiting: 9, judged: 30, wait_p50_ms: 500, wait_p99_ms: 2500 }),
];

function values(measure: Measure, tier: string) {
  return chartSeries(samples, measure, TIERS).tiers.find((each) => each.tier === tier)?.values;
}

test("all tiers share the times, and a missing measurement is a gap", () => {
  expect(chartSeries(samples, "waiting", TIERS).times).toHaveLength(2);
  expect(values("waiting", "normal")).toEqual([4, 9]);
  expect(values("waiting", "premium")).toEqual([0, null]);
});

test("samples of a tier that is not shown add no line", () => {
  const shown = chartSeries([...samples, sample("gold", 30)], "waiting", TIERS);
  expect(shown.tiers.map(({ tier }) => tier)).toEqual(TIERS);
});

test("waits are shown in seconds, and judged submissions as a rate per minute", () => {
  expect(values("wait_p99_ms", "normal")).toEqual([null, 2.5]);
  expect(values("judged", "normal")).toEqual([null, 30]);
  expect(judgedPerMinute(samples, "normal")).toBe(30);
  expect(judgedPerMinute(samples, "premium")).toBeNull();
  expect(latestWaits(samples, "normal")?.wait_p50_ms).toBe(500);
});

test("a measurement without neighbours is a dot, since a line would not show it", () => {
  expect(isolatedPoints([0, 10, 20, 300, 600, 610], [1, null, 2, 3, null, 4], 90)).toEqual([3, 5]);
  expect(isolatedPoints([0], [7], 90)).toEqual([0]);
});

test("the rate of judged submissions covers the last two minutes", () => {
  const later = [sample("normal", 600), sample("normal", 660, { judged: 5 }), sample("normal", 720, { judged: 5 })];
  expect(judgedPerMinute([...samples, ...later], "normal")).toBe(5);
});
