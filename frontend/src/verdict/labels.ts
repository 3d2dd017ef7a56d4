import type { IconName } from "../components/Icon";
import type { Stage, Status, Verdict } from "../api/types";

export type Tone = "good" | "bad" | "slow" | "big" | "broken" | "source" | "internal" | "quiet" | "busy";

interface Label {
  text: string;
  tone: Tone;
  icon: IconName;
}

export const VERDICT_LABELS: Record<Verdict, Label> = {
  AC: { text: "Accepted", tone: "good", icon: "check" },
  WA: { text: "Wrong Answer", tone: "bad", icon: "cross" },
  TLE: { text: "Time Limit Exceeded", tone: "slow", icon: "clock" },
  MLE: { text: "Memory Limit Exceeded", tone: "big", icon: "memory" },
  OLE: { text: "Output Limit Exceeded", tone: "big", icon: "output" },
  RTE: { text: "Runtime Error", tone: "broken", icon: "bolt" },
  CE: { text: "Compile Error", tone: "source", icon: "code" },
};

const STAGE_LABELS: Record<Stage, Label> = {
  QUEUED: { text: "In the queue", tone: "quiet", icon: "dots" },
  COMPILING: { text: "Compiling", tone: "busy", icon: "code" },
  RUNNING: { text: "Running", tone: "busy", icon: "play" },
  DONE: { text: "Judged", tone: "quiet", icon: "check" },
  FAILED: { text: "Internal Error", tone: "internal", icon: "cross" },
  CANCELLED: { text: "Cancelled", tone: "quiet", icon: "cross" },
};

/** The label of a status: its verdict, else its stage. */
export function statusLabel(status: Pick<Status, "stage" | "verdict" | "tests_done" | "tests_total">): Label {
  if (status.verdict) return VERDICT_LABELS[status.verdict];
  const label = STAGE_LABELS[status.stage];
  if (status.stage !== "RUNNING" || status.tests_total === 0) return label;
  return {
    ...label,
    text: `Running test ${Math.min(status.tests_done + 1, status.tests_total)} of ${status.tests_total}`,
  };
}

/** The label of a run. Without an expected output it is finished, not accepted. */
export function runLabel(status: Status): Label {
  if (status.verdict === "AC" && !status.tests?.some((test) => test.expected !== undefined)) {
    return { text: "Finished", tone: "good", icon: "check" };
  }
  return statusLabel(status);
}
