import type { ProblemLine } from "../wire/types";

export interface ProblemFilter {
  search?: string;
  difficulty?: string;
  mark?: string;
}

/** Those that have every word of the search in their name, slug or keywords, and pass the other choices. */
export function findProblems(problems: ProblemLine[], filter: ProblemFilter): ProblemLine[] {
  const words = (filter.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return problems.filter((problem) => {
    const text = [problem.name, problem.slug, ...(problem.keywords ?? [])].join(" ").toLowerCase();
    return words.every((word) => text.includes(word)) && isChosen(problem, filter);
  });
}

function isChosen(problem: ProblemLine, { difficulty, mark }: ProblemFilter): boolean {
  if (difficulty && problem.difficulty !== difficulty) return false;
  return !mark || (problem.mark ?? "new") === mark;
}
