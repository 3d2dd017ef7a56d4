import { expect, test } from "vitest";
import { hasChanged } from "./rejudgeComparison";

test.each([
  ["WA", "AC", true],
  ["AC", "AC", false],
  [null, "AC", true],
  [null, "FAILED", false],
  ["AC", "FAILED", true],
  ["AC", null, false],
] as const)("a rejudging from %s to %s counts as changed: %s", (before, now, changed) => {
  expect(hasChanged({ before, now })).toBe(changed);
});
