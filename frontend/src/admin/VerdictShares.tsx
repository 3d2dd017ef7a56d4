import { Plural, Trans } from "@lingui/react/macro";
import { formatPercent } from "../lib/format";
import { verdictLabel } from "../verdict/labels";
import type { Verdict } from "../api/types";
import type { Queues } from "./types";

const CANCELLED = "CANCELLED";

/** The verdicts of the last hour as a bar and in numbers. Cancelled submissions are shown apart,
since they have no verdict. */
export function VerdictShares({ verdicts }: { verdicts: Queues["verdicts"] }) {
  const { [CANCELLED]: cancelled = 0, ...judged } = verdicts as Record<string, number>;
  const parts = Object.entries(judged).filter(([, count]) => count > 0) as [Verdict | "FAILED", number][];
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section aria-labelledby="verdict-shares-title">
      <h2 id="verdict-shares-title">
        <Trans>
          Verdicts <small className="muted">of the last hour</small>
        </Trans>
      </h2>
      {all === 0 ? (
        <p className="muted">
          <Trans>Nothing has been judged in the last hour.</Trans>
        </p>
      ) : null}
      <div className="verdict-shares" aria-hidden="true">
        {parts.map(([verdict, count]) => (
          <span
            key={verdict}
            className={`verdict-share tone-${verdictLabel(verdict).tone}`}
            style={{ flexGrow: count }}
          />
        ))}
      </div>
      <ul className="verdict-shares-list">
        {parts.map(([verdict, count]) => (
          <li key={verdict} className={`tone-${verdictLabel(verdict).tone}`}>
            <strong>{count}</strong> {verdictLabel(verdict).text}{" "}
            <small className="muted">{formatPercent(count / all)}</small>
          </li>
        ))}
      </ul>
      {cancelled > 0 ? (
        <p className="muted">
          <Plural value={cancelled} one="# more was cancelled." other="# more were cancelled." />
        </p>
      ) : null}
    </section>
  );
}
