import { expect, test } from "vitest";
import { keeps, tally } from "./promises";
import type { ProofLine } from "./wire";

const line = (name: string, change: Partial<ProofLine> = {}): ProofLine => ({
  name,
  language: "python3",
  expected: ["AC"],
  id: name,
  note: null,
  ...change,
});

test("a submission keeps its folder's promise, or it does not", () => {
  expect(keeps(line("accepted/a.py"), { verdict: "AC" })).toBe("good");
  expect(keeps(line("accepted/a.py"), { verdict: "TLE" })).toBe("bad");
  expect(keeps(line("accepted/a.py"), { verdict: null })).toBe("bad");
  expect(keeps(line("run_time_error/b.py", { expected: ["MLE", "RTE"] }), { verdict: "RTE" })).toBe("good");
});

test("what cannot be judged here does not hold the progress up", () => {
  const lines = [line("a"), line("b"), line("c", { id: null, note: "several files" })];
  expect(tally(lines, { a: "good" })).toEqual({ total: 3, done: 2, bad: 0, skipped: 1 });
  expect(tally(lines, { a: "good", b: "bad" })).toEqual({ total: 3, done: 3, bad: 1, skipped: 1 });
});
