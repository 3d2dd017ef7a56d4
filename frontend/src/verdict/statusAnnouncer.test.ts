import { expect, test } from "vitest";
import type { Status } from "../api/types";
import { announcement } from "./StatusAnnouncer";

const status = (change: Partial<Status>): Status =>
  ({ stage: "RUNNING", tests_done: 1, tests_total: 3, cpu_ms: null, memory_kb: null, ...change }) as Status;

test("a screen reader says once that tests run, and not for every test", () => {
  expect(announcement(status({ tests_done: 1 }), "Running test 2 of 3")).toBe("Running the tests");
  expect(announcement(status({ tests_done: 2 }), "Running test 3 of 3")).toBe("Running the tests");
});

test("the outcome is one sentence", () => {
  const tests = [{ verdict: "AC" }, { verdict: "WA" }] as Status["tests"];
  const done = status({ stage: "DONE", verdict: "WA", cpu_ms: 14, memory_kb: 2048, ...(tests ? { tests } : {}) });
  expect(announcement(done, "Wrong Answer")).toBe(
    "Verdict: Wrong Answer, 1 of 3 tests passed, runtime 14 ms, memory 2.0 MB",
  );
});
