import { expect, test } from "vitest";
import type { Status } from "../api/types";
import { markOf } from "../problems/filterProblems";
import { asQuery } from "../submissions/queries";
import { statusLabel } from "./labels";
import { isPartial } from "./score";

const done = (score: number | null, max_score: number | null) =>
  ({ stage: "DONE", verdict: "AC", tests_done: 0, tests_total: 0, score, max_score }) as Status;

test("a submission with less than full marks is not shown as Accepted", () => {
  expect(statusLabel(done(30, 100))).toMatchObject({ text: "Partial: 30 / 100", tone: "partial" });
  expect(statusLabel(done(100, 100))).toMatchObject({ text: "Accepted", tone: "good" });
  expect(statusLabel(done(33.3333333, 100)).text).toBe("Partial: 33.33 / 100");
});

test("a score is not partial if the greatest score is unknown", () => {
  expect(isPartial(done(30, null))).toBe(false);
  expect(isPartial(done(99.9999999, 100))).toBe(false);
});

test("a problem that was solved in part is marked as partial", () => {
  expect(markOf({ mark: "tried", best_score: 30, max_score: 100 })).toBe("partial");
  expect(markOf({ mark: "tried", best_score: null, max_score: 100 })).toBe("tried");
  expect(markOf({ mark: "solved", best_score: 100, max_score: 100 })).toBe("solved");
  expect(markOf({ mark: null, best_score: null, max_score: null })).toBe("new");
});

test("the filters by Accepted and Partial ask for full and partial marks", () => {
  expect(asQuery({ verdict: "AC", problem: "sum" })).toEqual({ full_marks: "true", problem: "sum" });
  expect(asQuery({ verdict: "partial" })).toEqual({ full_marks: "false" });
  expect(asQuery({ verdict: "WA" })).toEqual({ verdict: "WA" });
});
