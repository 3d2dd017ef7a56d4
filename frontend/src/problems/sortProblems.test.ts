import { expect, test } from "vitest";
import type { ProblemSummary } from "../api/types";
import { nextProblem } from "./nextProblem";
import { sortProblems } from "./sortProblems";

const problem = (slug: string, change: Partial<ProblemSummary>) =>
  ({ slug, name: slug, mark: null, difficulty: null, acceptance_rate: null, ...change }) as ProblemSummary;
const PROBLEMS = [
  problem("b", { difficulty: "hard", acceptance_rate: 0.9, mark: "tried" }),
  problem("a", { difficulty: "easy", acceptance_rate: 0.2 }),
  problem("c", { mark: "solved", acceptance_rate: 0.5 }),
];
const slugs = (order: string | undefined) => sortProblems(PROBLEMS, order).map(({ slug }) => slug);

test.each([
  [undefined, ["b", "a", "c"]],
  ["name", ["a", "b", "c"]],
  ["-name", ["c", "b", "a"]],
  ["difficulty", ["a", "b", "c"]],
  ["rate", ["b", "c", "a"]],
  ["mark", ["c", "b", "a"]],
  ["nonsense", ["b", "a", "c"]],
])("problems in the order %s", (order, expected) => {
  expect(slugs(order)).toEqual(expected);
});

test("the next problem is the next unsolved problem, and after the last problem the search begins at the first", () => {
  expect(nextProblem(PROBLEMS, "b")?.slug).toBe("a");
  expect(nextProblem(PROBLEMS, "a")?.slug).toBe("b");
  expect(nextProblem([PROBLEMS[2] as ProblemSummary], "c")).toBeUndefined();
});
