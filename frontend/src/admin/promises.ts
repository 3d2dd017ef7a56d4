import type { Status } from "../wire/types";
import type { ProofLine } from "./wire";

/** Whether a package's submission got what its folder promises. */
export type Standing = "good" | "bad";

export function keeps(line: ProofLine, status: Pick<Status, "verdict">): Standing {
  return status.verdict !== null && line.expected.includes(status.verdict) ? "good" : "bad";
}

/** How far a verification has come; what cannot be judged here counts as done, and is told apart. */
export function tally(lines: readonly ProofLine[], standings: Readonly<Record<string, Standing>>) {
  const skipped = lines.filter((line) => line.id === null).length;
  const judged = lines.filter((line) => standings[line.name]);
  return {
    total: lines.length,
    done: judged.length + skipped,
    bad: judged.filter((line) => standings[line.name] === "bad").length,
    skipped,
  };
}
