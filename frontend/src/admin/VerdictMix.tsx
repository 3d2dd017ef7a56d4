import { percent } from "../furniture/amounts";
import { VERDICTS } from "../verdict/words";
import type { Verdict } from "../wire/types";
import type { Queues } from "./wire";

/** What came out in the last hour: one bar, and the same in numbers. */
export function VerdictMix({ verdicts }: { verdicts: Queues["verdicts"] }) {
  const parts = Object.entries(verdicts).filter(([, count]) => (count ?? 0) > 0) as [
    Verdict | "FAILED",
    number,
  ][];
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section aria-labelledby="mix-title">
      <h2 id="mix-title">
        Verdicts <small className="faint">of the last hour</small>
      </h2>
      {all === 0 ? <p className="faint">Nothing has been judged in the last hour.</p> : null}
      <div className="mix" aria-hidden="true">
        {parts.map(([verdict, count]) => (
          <span key={verdict} className={`mix-part tone-${tone(verdict)}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="mix-list">
        {parts.map(([verdict, count]) => (
          <li key={verdict} className={`tone-${tone(verdict)}`}>
            <strong>{count}</strong> {name(verdict)} <small className="faint">{percent(count / all)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function name(verdict: Verdict | "FAILED"): string {
  return VERDICTS[verdict as Verdict]?.text ?? (verdict === "FAILED" ? "Failed (ours)" : verdict);
}

function tone(verdict: Verdict | "FAILED"): string {
  return VERDICTS[verdict as Verdict]?.tone ?? "ours";
}
