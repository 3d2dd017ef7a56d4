import { useEffect, useRef, useState } from "react";
import { Link } from "../lib/routing";
import { formatMilliseconds } from "../lib/format";
import { Icon } from "../components/Icon";
import { Loading } from "../components/Loading";
import { TableContainer } from "../components/TableContainer";
import { ErrorAlert } from "../components/ErrorAlert";
import { isFinal } from "../status-updates/statusOrder";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { Status } from "../api/types";
import { compareVerdict, type Outcome, summarize } from "./verification";
import { useVerify } from "./queries";
import type { Verification, VerificationRun } from "./types";

/** Judges every submission of a package and shows whether each gets its expected verdict. */
export function PackageVerification({ slug, close }: { slug: string; close: () => void }) {
  const { mutate, error, data } = useVerify();
  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    mutate(slug);
  }, [mutate, slug]);
  return (
    <section className="verification" aria-labelledby="verification-title">
      <div className="page-head">
        <h2 id="verification-title">Verifying {slug}</h2>
        <button type="button" className="button small" onClick={close}>
          Close
        </button>
      </div>
      {error ? <ErrorAlert error={error} /> : null}
      {data ? <VerificationTable verification={data} /> : error ? null : <Loading subject="the package's submissions" />}
    </section>
  );
}

function VerificationTable({ verification }: { verification: Verification }) {
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const { total, done, bad, skipped } = summarize(verification.submissions, outcomes);
  const isDone = done === total;
  return (
    <>
      <p role="status" className="verification-sum">
        {isDone ? (
          <span className={`verdict tone-${bad > 0 ? "bad" : "good"}`}>
            <Icon name={bad > 0 ? "cross" : "check"} />
            {bad > 0 ? `${bad} of ${total} are not as promised` : `${total - skipped} of ${total} as promised`}
          </span>
        ) : (
          `${done} of ${total} judged${bad > 0 ? `, ${bad} not as promised` : ""}`
        )}
        {skipped > 0 ? <span className="muted"> {skipped} not judged here</span> : null}
      </p>
      <progress aria-label="Verified" max={Math.max(1, total)} value={done} />
      <TableContainer label="Submissions of the package">
        <table>
          <thead>
            <tr>
              <th scope="col">Submission</th>
              <th scope="col">Language</th>
              <th scope="col">Promised</th>
              <th scope="col">Got</th>
              <th scope="col" className="number">
                Runtime
              </th>
            </tr>
          </thead>
          <tbody>
            {verification.submissions.map((run) => (
              <Row
                key={run.name}
                run={run}
                onOutcome={(outcome) => setOutcomes((known) => ({ ...known, [run.name]: outcome }))}
              />
            ))}
          </tbody>
        </table>
      </TableContainer>
    </>
  );
}

function Row({ run, onOutcome }: { run: VerificationRun; onOutcome: (outcome: Outcome) => void }) {
  const { status } = useLiveStatus(run.id);
  const outcome = status && isFinal(status) ? compareVerdict(run, status) : null;
  const latestOnOutcome = useRef(onOutcome);
  latestOnOutcome.current = onOutcome;
  useEffect(() => {
    if (outcome) latestOnOutcome.current(outcome);
  }, [outcome]);
  return (
    <tr>
      <th scope="row">
        {run.id ? <Link to={`/submissions/${run.id}`}>{run.name}</Link> : run.name}
      </th>
      <td>{run.language ?? "–"}</td>
      <td>{run.expected.length > 5 ? "anything" : run.expected.join(" or ")}</td>
      <td>
        <ActualVerdict run={run} status={status} outcome={outcome} />
      </td>
      <td className="number">{formatMilliseconds(status?.cpu_ms)}</td>
    </tr>
  );
}

function ActualVerdict({ run, status, outcome }: { run: VerificationRun; status: Status | null; outcome: Outcome | null }) {
  if (!run.id) return <span className="muted">not judged here: {run.note}</span>;
  if (!status) return <span className="muted">In the queue</span>;
  return (
    <>
      <VerdictBadge status={status} />
      {outcome === "bad" ? <strong className="tone-bad"> not as promised</strong> : null}
    </>
  );
}
