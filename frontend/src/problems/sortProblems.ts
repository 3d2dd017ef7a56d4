import type { ProblemSummary } from "../api/types";
import { markOf } from "./filterProblems";

export const SORT_KEYS = ["name", "difficulty", "rate", "mark"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

const DIFFICULTIES = ["easy", "medium", "hard"];
const MARKS = ["solved", "partial", "tried", "new"];

const VALUES: Record<Exclude<SortKey, "name">, (problem: ProblemSummary) => number> = {
  difficulty: ({ difficulty }) => (difficulty ? DIFFICULTIES.indexOf(difficulty) : DIFFICULTIES.length),
  rate: ({ acceptance_rate }) => -(acceptance_rate ?? -1),
  mark: (problem) => MARKS.indexOf(markOf(problem)),
};

/** An order as in the URL: the key, with a minus for the reverse. */
export function readOrder(text: string | undefined): { key: SortKey; isReversed: boolean } | null {
  const key = text?.replace(/^-/, "") as SortKey;
  return text && SORT_KEYS.includes(key) ? { key, isReversed: text.startsWith("-") } : null;
}

/** The problems in an order, by default that of the server. Problems that are equal in this order keep the server's. */
export function sortProblems(problems: readonly ProblemSummary[], order: string | undefined): ProblemSummary[] {
  const found = readOrder(order);
  if (!found) return [...problems];
  const { key, isReversed } = found;
  const compare =
    key === "name"
      ? (one: ProblemSummary, other: ProblemSummary) => one.name.localeCompare(other.name)
      : (one: ProblemSummary, other: ProblemSummary) => VALUES[key](one) - VALUES[key](other);
  return problems.toSorted((one, other) => (isReversed ? compare(other, one) : compare(one, other)));
}
