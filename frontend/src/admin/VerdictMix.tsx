import { VERDICTS } from "../verdict/words";
import type { Verdict } from "../wire/types";
import type { Queues } from "./wire";

/** What came out, in the time that is shown: one bar, and the same in numbers. */
export function VerdictMix({ verdicts }: { verdicts: Queues["verdicts"] }) {
  const parts = Object.entries(verdicts).filter(([, count]) => (count ?? 0) > 0) as [
    Verdict | "FAILED",
    number,
  ][];
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return null;
  return (
    <section aria-labelledby="mix-title">
      <h2 id="mix-title">Verdicts</h2>
      <div className="mix" aria-hidden="true">
        {parts.map(([verdict, count]) => (
          <span key={verdict} className={`mix-part tone-${tone(verdict)}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="mix-list">
        {parts.map(([verdict, count]) => (
          <li key={verdict} className={`tone-${tone(verdict)}`}>
            <strong>{count}</strong> {verdict === "FAILED" ? "Failed (ours)" : VERDICTS[verdict].text}
          </li>
        ))}
      </ul>
    </section>
  );
}

function tone(verdict: Verdict | "FAILED"): string {
  return verdict === "FAILED" ? "ours" : VERDICTS[verdict].tone;
}
