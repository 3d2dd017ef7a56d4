import { expect, test } from "vitest";
import { stateKey, mergeQueues } from "./mergeQueues";
import type { Queues, QueueSample } from "./types";

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

test("the stream's samples are added once, and samples that are too old for the chart are removed", () => {
  const shown = state([sample(0), sample(30)]);
  const update = state([sample(30), sample(70)], 5);
  const now = mergeQueues(shown, update, 1);
  expect(now.samples.map((one) => one.waiting)).toEqual([30, 70]);
  expect(now.queues[0]?.waiting).toBe(5);
});

test("without new samples the list of samples stays the same object, so that no chart is drawn again", () => {
  const shown = state([sample(0)]);
  expect(mergeQueues(shown, state([]), 1).samples).toBe(shown.samples);
});

test("the state key changes when a submission has arrived, started or ended", () => {
  expect(stateKey(state([], 1))).not.toBe(stateKey(state([], 2)));
  expect(stateKey(state([sample(1)], 1))).toBe(stateKey(state([], 1)));
});
