import type { ProblemSummary } from "../api/types";

/** The next problem of the list that is not solved yet, after this one and then from the beginning. */
export function nextProblem(problems: readonly ProblemSummary[], slug: string): ProblemSummary | undefined {
  const at = problems.findIndex((problem) => problem.slug === slug);
  const others = [...problems.slice(at + 1), ...problems.slice(0, Math.max(0, at))];
  return others.find((problem) => problem.mark !== "solved" && problem.slug !== slug);
}
