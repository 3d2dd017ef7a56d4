import { expect, test, vi } from "vitest";
import type { Status } from "../wire/types";
import { isNewer } from "./order";
import type { Ears, Road } from "./road";
import { watchSubmission } from "./watch";

function status(change: Partial<Status>): Status {
  return { id: "1", stage: "QUEUED", attempt: 1, tests_done: 0, tests_total: 3, ...change } as Status;
}

/** A road whose traveller the test speaks to. */
class FakeRoad implements Road {
  readonly name = "websocket";
  ears: Ears | null = null;
  left = 0;

  follow(_id: string, ears: Ears): () => void {
    this.ears = ears;
    return () => {
      this.left += 1;
    };
  }
}

function follow(...roads: Road[]) {
  const told: string[] = [];
  const lost = vi.fn();
  const stop = watchSubmission(
    "1",
    { told: (one) => told.push(`${one.stage} ${one.tests_done}`), lost },
    roads,
  );
  return { told, lost, stop };
}

test("a status never moves backwards, however the news arrive", () => {
  const road = new FakeRoad();
  const { told } = follow(road);
  road.ears?.heard(status({ stage: "RUNNING", tests_done: 2 }));
  road.ears?.heard(status({ stage: "RUNNING", tests_done: 1 }));
  road.ears?.heard(status({ stage: "DONE", tests_done: 3 }));
  road.ears?.heard(status({ stage: "RUNNING", tests_done: 3 }));
  expect(told).toEqual(["RUNNING 2", "DONE 3"]);
});

test("a closed road is left for the next without a word, and what was told is not told again", () => {
  const [first, second] = [new FakeRoad(), new FakeRoad()];
  const { told, lost } = follow(first, second);
  first.ears?.heard(status({ stage: "COMPILING" }));
  first.ears?.closed("blocked");
  second.ears?.heard(status({ stage: "COMPILING" }));
  second.ears?.heard(status({ stage: "DONE" }));
  expect(told).toEqual(["COMPILING 0", "DONE 0"]);
  expect(lost).not.toHaveBeenCalled();
});

test("the last road closed means lost", () => {
  const road = new FakeRoad();
  const { lost } = follow(road);
  road.ears?.closed("404");
  expect(lost).toHaveBeenCalledOnce();
});

test("the final status ends the watch", () => {
  const road = new FakeRoad();
  follow(road);
  road.ears?.heard(status({ stage: "FAILED" }));
  expect(road.left).toBe(1);
});

test("a new attempt is newer than a later stage of the one before", () => {
  const running = status({ stage: "RUNNING", tests_done: 2 });
  expect(isNewer(status({ stage: "QUEUED", attempt: 2 }), running)).toBe(true);
  expect(isNewer(running, status({ stage: "DONE" }))).toBe(false);
});

test("a road that is open and passes nothing on is found out by one question, and left", async () => {
  vi.useFakeTimers();
  const answer = { ok: true, status: 200, json: () => Promise.resolve(status({ stage: "DONE", tests_done: 3 })) };
  vi.stubGlobal("fetch", () => Promise.resolve(answer));
  const [silent, last] = [new FakeRoad(), new FakeRoad()];
  const { told, lost } = follow(silent, last);
  await vi.advanceTimersByTimeAsync(10_500);
  expect(told).toEqual(["DONE 3"]);
  expect(silent.left).toBeGreaterThan(0);
  expect(lost).not.toHaveBeenCalled();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
