import { Icon } from "../furniture/Icon";
import type { Status, Verdict } from "../wire/types";
import { describe, VERDICTS } from "./words";

type Judged = Pick<Status, "stage" | "verdict" | "tests_done" | "tests_total">;

/** A verdict in words with a sign; the colour only repeats them. */
export function VerdictBadge({ status }: { status: Judged }) {
  const { text, tone, icon } = describe(status);
  return (
    <span className={`verdict tone-${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}

export function TestVerdict({ verdict }: { verdict: Verdict }) {
  const { text, tone, icon } = VERDICTS[verdict];
  return (
    <span className={`verdict tone-${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
