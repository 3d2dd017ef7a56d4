import { expect, test } from "vitest";
import { chartSeries, isolatedPoints, judgedPerMinute, latestWaits } from "./chartSeries";
import type { QueueSample } from "./types";

function sample(tier: QueueSample["tier"], second: number, change: Partial<QueueSample> = {}): QueueSample {
  const at = new Date(1_760_000_000_000 + second * 1000).toISOString();
  const nothing = { waiting: 0, oldest_ms: 0, running: 0, workers: 1, judged: 0 };
  return { at, tier, ...nothing, wait_p50_ms: null, wait_p99_ms: null, ...change };
}

const samples = [
  sample("normal", 0, { waiting: 4 }),
  sample("premium", 0),
  sample("normal", 60, { waiting: 9, judged: 30, wait_p50_ms: 500, wait_p99_ms: 2500 }),
];

test("both tiers share the times, and a missing measurement is a gap", () => {
  const result = chartSeries(samples, "waiting");
  expect(result.times).toHaveLength(2);
  expect(result.normal).toEqual([4, 9]);
  expect(result.premium).toEqual([0, null]);
});

test("waits are shown in seconds, judged as a rate a minute", () => {
  expect(chartSeries(samples, "wait_p99_ms").normal).toEqual([null, 2.5]);
  expect(chartSeries(samples, "judged").normal).toEqual([null, 30]);
  expect(judgedPerMinute(samples, "normal")).toBe(30);
  expect(judgedPerMinute(samples, "premium")).toBeNull();
  expect(latestWaits(samples, "normal")?.wait_p50_ms).toBe(500);
});

test("a measurement without neighbours is a dot, since a line would not show it", () => {
  expect(isolatedPoints([0, 10, 20, 300, 600, 610], [1, null, 2, 3, null, 4], 90)).toEqual([3, 5]);
  expect(isolatedPoints([0], [7], 90)).toEqual([0]);
});

test("the rate is that of the last two minutes", () => {
  const later = [sample("normal", 600), sample("normal", 660, { judged: 5 }), sample("normal", 720, { judged: 5 })];
  expect(judgedPerMinute([...samples, ...later], "normal")).toBe(5);
});
