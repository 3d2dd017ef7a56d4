import type { Status } from "../api/types";
import type { VerificationRun } from "./types";

/** Whether a package's submission got its expected verdict. */
export type Outcome = "good" | "bad";

export function compareVerdict(run: VerificationRun, status: Pick<Status, "verdict">): Outcome {
  return status.verdict !== null && run.expected.includes(status.verdict) ? "good" : "bad";
}

/** The progress of a verification. A submission that cannot be judged here counts as done and as skipped. */
export function summarize(runs: readonly VerificationRun[], outcomes: Readonly<Record<string, Outcome>>) {
  const skipped = runs.filter((run) => run.id === null).length;
  const judged = runs.filter((run) => outcomes[run.name]);
  return {
    total: runs.length,
    done: judged.length + skipped,
    bad: judged.filter((run) => outcomes[run.name] === "bad").length,
    skipped,
  };
}
