import { useEffect, useRef, useState } from "react";
import { Link } from "../furniture/routing";
import { milliseconds } from "../furniture/amounts";
import { Icon } from "../furniture/Icon";
import { Loading } from "../furniture/Loading";
import { TableFrame } from "../furniture/TableFrame";
import { Trouble } from "../furniture/Trouble";
import { isFinal } from "../live/order";
import { useLiveStatus } from "../live/useLiveStatus";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { Status } from "../wire/types";
import { keeps, type Standing, tally } from "./promises";
import { useVerify } from "./queries";
import type { ProofBegun, ProofLine } from "./wire";

/** Judges every submission that a package brings, and shows as they come whether each gets what its folder says. */
export function Proof({ slug, close }: { slug: string; close: () => void }) {
  const { mutate, error, data } = useVerify();
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate(slug);
  }, [mutate, slug]);
  return (
    <section className="proof" aria-labelledby="proof-title">
      <div className="page-head">
        <h2 id="proof-title">Verifying {slug}</h2>
        <button type="button" className="button small" onClick={close}>
          Close
        </button>
      </div>
      {error ? <Trouble error={error} /> : null}
      {data ? <Begun begun={data} /> : error ? null : <Loading what="the package's submissions" />}
    </section>
  );
}

function Begun({ begun }: { begun: ProofBegun }) {
  const [standings, setStandings] = useState<Record<string, Standing>>({});
  const { total, done, bad, skipped } = tally(begun.submissions, standings);
  const isDone = done === total;
  return (
    <>
      <p role="status" className="proof-sum">
        {isDone ? (
          <span className={`verdict tone-${bad > 0 ? "bad" : "good"}`}>
            <Icon name={bad > 0 ? "cross" : "check"} />
            {bad > 0 ? `${bad} of ${total} are not as promised` : `${total - skipped} of ${total} as promised`}
          </span>
        ) : (
          `${done} of ${total} judged${bad > 0 ? `, ${bad} not as promised` : ""}`
        )}
        {skipped > 0 ? <span className="faint"> {skipped} not judged here</span> : null}
      </p>
      <progress aria-label="Verified" max={Math.max(1, total)} value={done} />
      <TableFrame label="Submissions of the package">
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
            {begun.submissions.map((line) => (
              <Line
                key={line.name}
                line={line}
                told={(standing) => setStandings((known) => ({ ...known, [line.name]: standing }))}
              />
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

function Line({ line, told }: { line: ProofLine; told: (standing: Standing) => void }) {
  const { status } = useLiveStatus(line.id);
  const standing = status && isFinal(status) ? keeps(line, status) : null;
  const tell = useRef(told);
  tell.current = told;
  useEffect(() => {
    if (standing) tell.current(standing);
  }, [standing]);
  return (
    <tr>
      <th scope="row">
        {line.id ? <Link to={`/submissions/${line.id}`}>{line.name}</Link> : line.name}
      </th>
      <td>{line.language ?? "–"}</td>
      <td>{line.expected.length > 5 ? "anything" : line.expected.join(" or ")}</td>
      <td>
        <Got line={line} status={status} standing={standing} />
      </td>
      <td className="number">{milliseconds(status?.cpu_ms)}</td>
    </tr>
  );
}

function Got({ line, status, standing }: { line: ProofLine; status: Status | null; standing: Standing | null }) {
  if (!line.id) return <span className="faint">not judged here: {line.note}</span>;
  if (!status) return <span className="faint">In the queue</span>;
  return (
    <>
      <VerdictBadge status={status} />
      {standing === "bad" ? <strong className="tone-bad"> not as promised</strong> : null}
    </>
  );
}
