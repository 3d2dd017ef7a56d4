import { expect, test } from "vitest";
import { compareVerdict, summarize } from "./verification";
import type { VerificationRun } from "./types";

const run = (name: string, change: Partial<VerificationRun> = {}): VerificationRun => ({
  name,
  language: "python3",
  expected: ["AC"],
  id: name,
  note: null,
  outcome: "running",
  verdict: null,
  cpu_ms: null,
  ...change,
});

test("the verdict of a submission is compared with the expected verdict", () => {
  expect(compareVerdict(run("accepted/a.py"), { verdict: "AC" })).toBe("good");
  expect(compareVerdict(run("accepted/a.py"), { verdict: "TLE" })).toBe("bad");
  expect(compareVerdict(run("accepted/a.py"), { verdict: null })).toBe("bad");
  expect(compareVerdict(run("run_time_error/b.py", { expected: ["MLE", "RTE"] }), { verdict: "RTE" })).toBe("good");
});

test("a submission that cannot be judged here does not stop the progress", () => {
  const runs = [run("a"), run("b"), run("c", { id: null, note: "several files" })];
  expect(summarize(runs, { a: "good" })).toEqual({ total: 3, done: 2, bad: 0, skipped: 1 });
  expect(summarize(runs, { a: "good", b: "bad" })).toEqual({ total: 3, done: 3, bad: 1, skipped: 1 });
});
