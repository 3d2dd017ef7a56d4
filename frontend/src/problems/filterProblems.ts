import type { ProblemSummary } from "../api/types";

export interface ProblemFilter {
  search?: string;
  difficulty?: string;
  mark?: string;
}

/** Returns the problems with every word of the search in their name, slug or keywords that pass the other filters. */
export function filterProblems(problems: ProblemSummary[], filter: ProblemFilter): ProblemSummary[] {
  const words = (filter.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return problems.filter((problem) => {
    const text = [problem.name, problem.slug, ...(problem.keywords ?? [])].join(" ").toLowerCase();
    return words.every((word) => text.includes(word)) && matchesFilter(problem, filter);
  });
}

function matchesFilter(problem: ProblemSummary, { difficulty, mark }: ProblemFilter): boolean {
  if (difficulty && problem.difficulty !== difficulty) return false;
  return !mark || (problem.mark ?? "new") === mark;
}
