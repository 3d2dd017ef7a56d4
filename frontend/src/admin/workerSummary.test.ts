import { expect, test } from "vitest";
import type { WorkerRecord } from "./types";
import { isLastOfQueue, replacedWorkers, workerSummary } from "./workerSummary";

function worker(name: string, state: WorkerRecord["state"]): WorkerRecord {
  return { name, state } as WorkerRecord;
}

test("a lost worker needs attention only while no other worker has replaced it", () => {
  const lost = worker("host-normal:1-aaaaaa", "lost");
  expect(workerSummary([lost, worker("host-normal:2-cccccc", "idle")])).toEqual({ ready: 1, draining: 0, lost: 1 });
  const both = [lost, worker("host-normal:1-bbbbbb", "busy")];
  expect(workerSummary(both)).toEqual({ ready: 1, draining: 0, lost: 0 });
  expect([...replacedWorkers(both)]).toEqual([lost.name]);
});

test("a worker that is drained is neither ready nor lost", () => {
  expect(workerSummary([worker("a-1-aaaaaa", "draining")])).toEqual({ ready: 0, draining: 1, lost: 0 });
});

test("a worker is the last of its queue when no other worker takes submissions from the queue", () => {
  const normal = { ...worker("a-1-aaaaaa", "idle"), queue: "normal" };
  const premium = { ...worker("b-1-aaaaaa", "idle"), queue: "premium" };
  const other = { ...worker("a-2-aaaaaa", "busy"), queue: "normal" };
  expect(isLastOfQueue(normal, [normal, premium])).toBe(true);
  expect(isLastOfQueue(normal, [normal, premium, other])).toBe(false);
  expect(isLastOfQueue(normal, [normal, { ...other, state: "draining" }])).toBe(true);
});
