import { expect, test } from "vitest";
import type { ProblemSummary } from "../api/types";
import { filterProblems } from "./filterProblems";

const PROBLEMS = [
  { slug: "aplusb", name: "A plus B", keywords: ["easy", "warm-up"], difficulty: "easy", mark: "solved" },
  { slug: "courier", name: "The Courier", keywords: ["medium", "graphs"], difficulty: "medium", mark: null },
] as unknown as ProblemSummary[];
const slugs = (filter: Parameters<typeof filterProblems>[1]) =>
  filterProblems(PROBLEMS, filter).map((problem) => problem.slug);

test("every word of a search must be somewhere in name, slug or keywords", () => {
  expect(slugs({ search: "GRAPHS cour" })).toEqual(["courier"]);
  expect(slugs({ search: "graphs plus" })).toEqual([]);
  expect(slugs({})).toEqual(["aplusb", "courier"]);
});

test("difficulty and status narrow the list", () => {
  expect(slugs({ difficulty: "easy" })).toEqual(["aplusb"]);
  expect(slugs({ mark: "solved" })).toEqual(["aplusb"]);
  expect(slugs({ mark: "new" })).toEqual(["courier"]);
});
