import { expect, test } from "vitest";
import type { WorkerRecord } from "./types";
import { replacedWorkers, workerSummary } from "./workerSummary";

function worker(name: string, state: WorkerRecord["state"]): WorkerRecord {
  return { name, state } as WorkerRecord;
}

test("a lost worker needs somebody only while no other runs in its place", () => {
  const lost = worker("host-normal:1-aaaaaa", "lost");
  expect(workerSummary([lost, worker("host-normal:2-cccccc", "idle")])).toEqual({ ready: 1, draining: 0, lost: 1 });
  const both = [lost, worker("host-normal:1-bbbbbb", "busy")];
  expect(workerSummary(both)).toEqual({ ready: 1, draining: 0, lost: 0 });
  expect([...replacedWorkers(both)]).toEqual([lost.name]);
});

test("a worker that is drained is neither ready nor lost", () => {
  expect(workerSummary([worker("a-1-aaaaaa", "draining")])).toEqual({ ready: 0, draining: 1, lost: 0 });
});
