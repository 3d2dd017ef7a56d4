import { expect, test } from "vitest";
import { footprint, joined } from "./samples";
import type { Queues, QueueSample } from "./wire";

const START = Date.UTC(2026, 0, 1);
const sample = (minute: number): QueueSample =>
  ({ at: new Date(START + minute * 60_000).toISOString(), tier: "normal", waiting: minute }) as QueueSample;
const state = (samples: QueueSample[], waiting = 0): Queues =>
  ({
    queues: [{ tier: "normal", waiting, running: 0, failed: 0, paused: false }],
    reachable: true,
    verdicts: {},
    samples,
  }) as unknown as Queues;

test("the stream's samples are added once, and what is older than what is shown leaves", () => {
  const shown = state([sample(0), sample(30)]);
  const told = state([sample(30), sample(70)], 5);
  const now = joined(shown, told, 1);
  expect(now.samples.map((one) => one.waiting)).toEqual([30, 70]);
  expect(now.queues[0]?.waiting).toBe(5);
});

test("without new samples the shown ones stay the same object, so that no chart is drawn again", () => {
  const shown = state([sample(0)]);
  expect(joined(shown, state([]), 1).samples).toBe(shown.samples);
});

test("the footprint changes when something has come, begun or ended", () => {
  expect(footprint(state([], 1))).not.toBe(footprint(state([], 2)));
  expect(footprint(state([sample(1)], 1))).toBe(footprint(state([], 1)));
});
