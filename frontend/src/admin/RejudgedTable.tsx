import { Link } from "../furniture/routing";
import { TableFrame } from "../furniture/TableFrame";
import { TestVerdict } from "../verdict/VerdictBadge";
import type { Verdict } from "../wire/types";
import { type Compared, useCompared } from "./rejudged";

const SHOWN = 50;

/** What was rejudged, before and after; those whose verdict has changed come first. */
export function RejudgedTable() {
  const compared = useCompared();
  if (compared.length === 0) return null;
  const changed = compared.filter((one) => one.now && one.now !== one.before);
  const waiting = compared.filter((one) => !one.now);
  const same = compared.length - changed.length - waiting.length;
  return (
    <section aria-labelledby="rejudged-title">
      <h2 id="rejudged-title">Rejudged</h2>
      <p role="status">
        {changed.length} changed, {same} as before, {waiting.length} under way.
      </p>
      <progress
        aria-label="Rejudged"
        max={compared.length}
        value={compared.length - waiting.length}
        hidden={waiting.length === 0}
      />
      <TableFrame label="Rejudged submissions">
        <table>
          <thead>
            <tr>
              <th scope="col">Submission</th>
              <th scope="col">Account</th>
              <th scope="col">Before</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            {[...changed, ...waiting, ...compared.filter((one) => one.now === one.before)]
              .slice(0, SHOWN)
              .map((one) => (
                <Line key={one.id} one={one} />
              ))}
          </tbody>
        </table>
      </TableFrame>
      {compared.length > SHOWN ? <p className="faint">The first {SHOWN} are shown.</p> : null}
    </section>
  );
}

function Line({ one }: { one: Compared }) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/submissions/${one.id}`}>{one.id.slice(-8)}</Link>
      </th>
      <td>{one.account ?? "–"}</td>
      <td>
        <Said verdict={one.before} />
      </td>
      <td>{one.now ? <Said verdict={one.now} /> : <span className="faint">being judged again</span>}</td>
    </tr>
  );
}

function Said({ verdict }: { verdict: Verdict | "FAILED" | null }) {
  return verdict === null || verdict === "FAILED" ? "Failed (ours)" : <TestVerdict verdict={verdict} />;
}
