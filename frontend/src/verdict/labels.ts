import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import type { IconName } from "../components/Icon";
import type { Stage, Status, Verdict } from "../api/types";
import { isPartial, scoreText } from "./score";

export type Tone = "good" | "partial" | "bad" | "slow" | "big" | "broken" | "source" | "internal" | "quiet" | "busy";

interface Appearance {
  tone: Tone;
  icon: IconName;
}

interface Label extends Appearance {
  text: string;
}

const VERDICTS: Record<Verdict, Appearance & { message: MessageDescriptor }> = {
  AC: { message: msg`Accepted`, tone: "good", icon: "check" },
  WA: { message: msg`Wrong Answer`, tone: "bad", icon: "cross" },
  TLE: { message: msg`Time Limit Exceeded`, tone: "slow", icon: "clock" },
  MLE: { message: msg`Memory Limit Exceeded`, tone: "big", icon: "memory" },
  OLE: { message: msg`Output Limit Exceeded`, tone: "big", icon: "output" },
  RTE: { message: msg`Runtime Error`, tone: "broken", icon: "bolt" },
  CE: { message: msg`Compile Error`, tone: "source", icon: "code" },
};

const STAGES: Record<Stage, Appearance & { message: MessageDescriptor }> = {
  QUEUED: { message: msg`In the queue`, tone: "quiet", icon: "dots" },
  COMPILING: { message: msg`Compiling`, tone: "busy", icon: "code" },
  RUNNING: { message: msg`Running`, tone: "busy", icon: "play" },
  DONE: { message: msg`Judged`, tone: "quiet", icon: "check" },
  FAILED: { message: msg`Internal Error`, tone: "internal", icon: "cross" },
  CANCELLED: { message: msg`Cancelled`, tone: "quiet", icon: "cross" },
};

/** The label of a verdict; `FAILED` stands for an internal error, and so does an unknown verdict. */
export function verdictLabel(verdict: Verdict | "FAILED"): Label {
  return translated(VERDICTS[verdict as Verdict] ?? STAGES.FAILED);
}

/** The verdicts as options of a filter. */
export function verdictOptions(): [Verdict, string][] {
  return (Object.keys(VERDICTS) as Verdict[]).map((verdict) => [verdict, verdictLabel(verdict).text]);
}

/** The value of a filter for accepted submissions with less than full marks. */
export const PARTIAL = "partial";

/** The verdicts as options of a filter, with partial marks as a separate option. */
export function verdictAndPartialOptions(): [string, string][] {
  const [accepted, ...others] = verdictOptions();
  return [...(accepted ? [accepted] : []), [PARTIAL, t`Partial marks`], ...others];
}

type Labelled = Pick<Status, "stage" | "verdict" | "tests_done" | "tests_total"> &
  Partial<Pick<Status, "score" | "max_score">>;

/** The label of a status: its verdict, with the score where it is partial, else its stage. */
export function statusLabel(status: Labelled): Label {
  if (isPartial(status))
    return { text: t`Partial: ${scoreText(status.score ?? 0, status.max_score)}`, tone: "partial", icon: "half" };
  if (status.verdict) return verdictLabel(status.verdict);
  const label = translated(STAGES[status.stage]);
  const { tests_done, tests_total } = status;
  if (status.stage !== "RUNNING" || tests_total === 0) return label;
  const number = Math.min(tests_done + 1, tests_total);
  return { ...label, text: t`Running test ${number} of ${tests_total}` };
}

/** The label of a run. Without an expected output it is finished, not accepted. */
export function runLabel(status: Status): Label {
  if (status.verdict === "AC" && !status.tests?.some((test) => test.expected !== undefined)) {
    return { text: t`Finished`, tone: "good", icon: "check" };
  }
  return statusLabel(status);
}

function translated({ message, ...appearance }: Appearance & { message: MessageDescriptor }): Label {
  return { ...appearance, text: i18n._(message) };
}
