import { expect, test } from "vitest";
import type { QueuePosition } from "./useQueuePosition";
import { describePosition } from "./PendingStatus";

const position = (change: Partial<QueuePosition>): QueuePosition => ({
  ahead: 3,
  expected_seconds: 12,
  sent: true,
  reachable: true,
  paused: false,
  no_worker: null,
  ...change,
});

test("a waiting submission shows its position and about how long it will take", () => {
  expect(describePosition(position({}), "normal")).toBe("3 ahead in the normal queue, about 12 s.");
  expect(describePosition(position({ ahead: 0, expected_seconds: null }), "premium")).toBe(
    "Next in the premium queue.",
  );
  expect(describePosition(undefined, "normal")).toBe("Waiting in the normal queue.");
});

test("most submissions of a long queue wait in the outbox, which is not a fault", () => {
  expect(describePosition(position({ ahead: 90, sent: false }), "normal")).toContain("90 ahead");
  expect(describePosition(position({ sent: false, reachable: false }), "normal")).toContain("cannot be reached");
});

test("a submission whose language no worker has shows the language and since when no worker has it", () => {
  const text = describePosition(
    position({ no_worker: { language: "kotlin", since: "2026-11-29T14:02:00Z" } }),
    "normal",
  );
  expect(text).toContain("No machine here has been able to judge kotlin since");
  expect(describePosition(position({ no_worker: { language: "kotlin", since: null } }), "normal")).toContain(
    "No machine here can judge kotlin now",
  );
});

test("a paused queue says so and promises no time", () => {
  const text = describePosition(position({ paused: true, expected_seconds: null }), "normal");
  expect(text).toContain("3 ahead in the normal queue, which is paused");
});
