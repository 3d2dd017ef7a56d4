import { formatPercent } from "../lib/format";
import { VERDICT_LABELS } from "../verdict/labels";
import type { Verdict } from "../api/types";
import type { Queues } from "./types";

/** The verdicts of the last hour as a bar and in numbers. */
export function VerdictShares({ verdicts }: { verdicts: Queues["verdicts"] }) {
  const parts = Object.entries(verdicts).filter(([, count]) => (count ?? 0) > 0) as [
    Verdict | "FAILED",
    number,
  ][];
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section aria-labelledby="verdict-shares-title">
      <h2 id="verdict-shares-title">
        Verdicts <small className="muted">of the last hour</small>
      </h2>
      {all === 0 ? <p className="muted">Nothing has been judged in the last hour.</p> : null}
      <div className="verdict-shares" aria-hidden="true">
        {parts.map(([verdict, count]) => (
          <span key={verdict} className={`verdict-share tone-${tone(verdict)}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="verdict-shares-list">
        {parts.map(([verdict, count]) => (
          <li key={verdict} className={`tone-${tone(verdict)}`}>
            <strong>{count}</strong> {name(verdict)} <small className="muted">{formatPercent(count / all)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function name(verdict: Verdict | "FAILED"): string {
  return VERDICT_LABELS[verdict as Verdict]?.text ?? (verdict === "FAILED" ? "Internal Error" : verdict);
}

function tone(verdict: Verdict | "FAILED"): string {
  return VERDICT_LABELS[verdict as Verdict]?.tone ?? "internal";
}
