import { t } from "@lingui/core/macro";
import type { Status } from "../api/types";
import { formatNumber } from "../lib/format";
import { useProblem } from "../problems/queries";

/** The limit that a program exceeded, in its language. */
export function LimitNote({ status }: { status: Status }) {
  const isLimited = status.verdict === "TLE" || status.verdict === "MLE" || status.verdict === "OLE";
  const problem = useProblem(status.problem ?? "", isLimited && status.problem !== null).data;
  if (!problem || !isLimited) return null;
  const limits = problem.language_limits?.[status.language];
  const text = textOf(status.verdict, limits?.time ?? problem.limits.time, limits?.memory, problem.limits.output);
  return text ? <p className="limit-note">{text}</p> : null;
}

function textOf(
  verdict: Status["verdict"],
  time: number | null,
  memory: number | undefined,
  output: number,
): string | null {
  if (verdict === "TLE")
    return time === null ? null : t`The limit is ${formatNumber(time)} s of CPU time for each test.`;
  if (verdict === "MLE") return memory === undefined ? null : t`The limit is ${memory} MiB of memory.`;
  return t`The limit is ${output} MiB of output for each test.`;
}
