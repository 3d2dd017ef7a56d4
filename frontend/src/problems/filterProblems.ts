import type { ProblemSummary } from "../api/types";
import { isLess } from "../verdict/score";

export interface ProblemFilter {
  search?: string;
  difficulty?: string;
  mark?: string;
  tag?: string;
}

/** Returns the problems that pass the filters. Each word of the search must be in the name, slug or keywords. */
export function filterProblems(problems: ProblemSummary[], filter: ProblemFilter): ProblemSummary[] {
  const words = (filter.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return problems.filter((problem) => {
    const text = [problem.name, problem.slug, ...(problem.keywords ?? [])].join(" ").toLowerCase();
    return words.every((word) => text.includes(word)) && matchesFilter(problem, filter);
  });
}

/** The tags of all problems as options of a filter, by name. */
export function tagOptions(problems: readonly ProblemSummary[]): [string, string][] {
  const tags = new Set(problems.flatMap((problem) => problem.tags ?? []));
  return [...tags].toSorted((one, other) => one.localeCompare(other)).map((tag) => [tag, tag]);
}

function matchesFilter(problem: ProblemSummary, { difficulty, mark, tag }: ProblemFilter): boolean {
  if (tag && !(problem.tags ?? []).includes(tag)) return false;
  if (difficulty && problem.difficulty !== difficulty) return false;
  return !mark || markOf(problem) === mark;
}

/** The mark of a problem for the account; less than full marks is `partial`. */
export function markOf({ mark, best_score, max_score }: Marked): "solved" | "partial" | "tried" | "new" {
  if (mark !== "solved" && best_score) return isLess(best_score, max_score) ? "partial" : "tried";
  return mark ?? "new";
}

type Marked = Pick<ProblemSummary, "mark" | "best_score" | "max_score">;
