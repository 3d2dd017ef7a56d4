import { Link } from "react-router";
import { ago, kilobytes, milliseconds, moment } from "../furniture/amounts";
import { Empty } from "../furniture/Empty";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { useLiveStatus } from "../live/useLiveStatus";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { Status } from "../wire/types";
import { type Filter, useHistory } from "./queries";
import "./submissions.css";

/** The history, newest first; what is not judged yet moves on live. */
export function SubmissionList({ filter }: { filter: Filter }) {
  const history = useHistory(filter);
  if (history.isPending) return <Loading what="the submissions" />;
  if (history.error) {
    return <Trouble error={history.error} what="the submissions" again={() => void history.refetch()} />;
  }
  if (history.data.length === 0) return <Empty title="No submissions here yet" />;
  return (
    <>
      <TableFrame label="Submissions">
        <table className="submission-table">
          <thead>
            <tr>
              <th scope="col">Verdict</th>
              {filter.problem ? null : <th scope="col">Problem</th>}
              <th scope="col" className="on-wide">
                Language
              </th>
              <th scope="col" className="number">
                Runtime
              </th>
              <th scope="col" className="number on-wide">
                Memory
              </th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {history.data.map((status) => (
              <Line key={status.id} known={status} withProblem={!filter.problem} />
            ))}
          </tbody>
        </table>
      </TableFrame>
      {history.hasNextPage ? (
        <button
          type="button"
          className="button"
          disabled={history.isFetchingNextPage}
          onClick={() => history.fetchNextPage()}
        >
          Older submissions
        </button>
      ) : null}
    </>
  );
}

function Line({ known, withProblem }: { known: Status; withProblem: boolean }) {
  const status = useLiveStatus(known.id, known).status ?? known;
  return (
    <tr>
      <td>
        <Link to={`/submissions/${status.id}`}>
          <VerdictBadge status={status} />
        </Link>
      </td>
      {withProblem ? (
        <td>
          {status.problem ? <Link to={`/problems/${status.problem}`}>{status.problem}</Link> : "own run"}
        </td>
      ) : null}
      <td className="on-wide">{status.language}</td>
      <td className="number">{milliseconds(status.cpu_ms)}</td>
      <td className="number on-wide">{kilobytes(status.memory_kb)}</td>
      <td className="when">
        <time dateTime={status.submitted_at} title={moment(status.submitted_at)}>
          {ago(status.submitted_at)}
        </time>
      </td>
    </tr>
  );
}
