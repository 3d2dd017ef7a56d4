import { expect, test } from "vitest";
import { latestWaits, lonely, series, throughput } from "./series";
import type { QueueSample } from "./wire";

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

test("both tiers share the moments, and what was not measured is a gap", () => {
  const lines = series(samples, "waiting");
  expect(lines.times).toHaveLength(2);
  expect(lines.normal).toEqual([4, 9]);
  expect(lines.premium).toEqual([0, null]);
});

test("waits are shown in seconds, judged as a rate a minute", () => {
  expect(series(samples, "wait_p99_ms").normal).toEqual([null, 2.5]);
  expect(series(samples, "judged").normal).toEqual([null, 30]);
  expect(throughput(samples, "normal")).toBe(30);
  expect(throughput(samples, "premium")).toBeNull();
  expect(latestWaits(samples, "normal")?.wait_p50_ms).toBe(500);
});

test("what has no neighbour is a dot, since a line would not show it", () => {
  expect(lonely([0, 10, 20, 300, 600, 610], [1, null, 2, 3, null, 4], 90)).toEqual([3, 5]);
  expect(lonely([0], [7], 90)).toEqual([0]);
});

test("the throughput is that of the last two minutes", () => {
  const later = [sample("normal", 600), sample("normal", 660, { judged: 5 }), sample("normal", 720, { judged: 5 })];
  expect(throughput([...samples, ...later], "normal")).toBe(5);
});
