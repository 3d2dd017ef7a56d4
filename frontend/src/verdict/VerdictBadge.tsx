import { Icon } from "../components/Icon";
import type { Verdict } from "../api/types";
import { statusLabel, verdictLabel } from "./labels";

type Judged = Parameters<typeof statusLabel>[0];

/** A verdict as text with an icon; the colour only repeats it. */
export function VerdictBadge({ status }: { status: Judged }) {
  const { text, tone, icon } = statusLabel(status);
  return (
    <span className={`verdict tone-${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}

export function TestVerdict({ verdict }: { verdict: Verdict }) {
  const { text, tone, icon } = verdictLabel(verdict);
  return (
    <span className={`verdict tone-${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
