import type { IconName } from "../furniture/Icon";
import type { Stage, Status, Verdict } from "../wire/types";

export type Tone = "good" | "bad" | "slow" | "big" | "broken" | "source" | "ours" | "quiet" | "busy";

interface Words {
  text: string;
  tone: Tone;
  icon: IconName;
}

export const VERDICTS: Record<Verdict, Words> = {
  AC: { text: "Accepted", tone: "good", icon: "check" },
  WA: { text: "Wrong Answer", tone: "bad", icon: "cross" },
  TLE: { text: "Time Limit Exceeded", tone: "slow", icon: "clock" },
  MLE: { text: "Memory Limit Exceeded", tone: "big", icon: "memory" },
  OLE: { text: "Output Limit Exceeded", tone: "big", icon: "output" },
  RTE: { text: "Runtime Error", tone: "broken", icon: "bolt" },
  CE: { text: "Compile Error", tone: "source", icon: "code" },
};

const STAGES: Record<Stage, Words> = {
  QUEUED: { text: "In the queue", tone: "quiet", icon: "dots" },
  COMPILING: { text: "Compiling", tone: "busy", icon: "code" },
  RUNNING: { text: "Running", tone: "busy", icon: "play" },
  DONE: { text: "Judged", tone: "quiet", icon: "check" },
  FAILED: { text: "Internal Error", tone: "ours", icon: "cross" },
  CANCELLED: { text: "Cancelled", tone: "quiet", icon: "cross" },
};

/** What a status is called: the verdict when there is one, else how far it has come. */
export function describe(status: Pick<Status, "stage" | "verdict" | "tests_done" | "tests_total">): Words {
  if (status.verdict) return VERDICTS[status.verdict];
  const words = STAGES[status.stage];
  if (status.stage !== "RUNNING" || status.tests_total === 0) return words;
  return {
    ...words,
    text: `Running test ${Math.min(status.tests_done + 1, status.tests_total)} of ${status.tests_total}`,
  };
}

/** A run has nothing to be accepted against: it ran, or it did not. */
export function describeRun(status: Status): Words {
  if (status.verdict === "AC" && !status.tests?.some((test) => test.expected !== undefined)) {
    return { text: "Finished", tone: "good", icon: "check" };
  }
  return describe(status);
}
