import { Link } from "../furniture/routing";
import { ago, kilobytes, milliseconds, moment } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { Empty } from "../furniture/Empty";
import { MoreButton } from "../furniture/MoreButton";
import { TableFrame } from "../furniture/TableFrame";
import { useLiveStatus } from "../live/useLiveStatus";
import { useProblems } from "../problems/queries";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { Status } from "../wire/types";
import { type Filter, useHistory } from "./queries";
import "./submissions.css";

/** The history, newest first; what is not judged yet moves on live. */
export function SubmissionList({ filter }: { filter: Filter }) {
  const history = useHistory(filter);
  return (
    <Answered asked={history} what="the submissions">
      {(rows) =>
        rows.length === 0 ? (
          <Nothing filter={filter} />
        ) : (
          <>
            <Table rows={rows} withProblem={!filter.problem} />
            <MoreButton paged={history} title="Older submissions" />
          </>
        )
      }
    </Answered>
  );
}

function Nothing({ filter }: { filter: Filter }) {
  const { kind, ...narrowed } = filter;
  if (kind === "run") return <Empty title="Nothing has been run like that yet" />;
  if (Object.keys(narrowed).length > 0) return <Empty title="No submissions here yet" />;
  return (
    <Empty title="No submissions here yet">
      <p>
        <Link to="/problems">Choose a problem</Link>, write a program and submit it.
      </p>
    </Empty>
  );
}

function Table({ rows, withProblem }: { rows: Status[]; withProblem: boolean }) {
  const problems = useProblems().data;
  const names = new Map(problems?.map(({ slug, name }) => [slug, name]));
  return (
    <TableFrame label="Submissions">
      <table className="submission-table">
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            {withProblem ? <th scope="col">Problem</th> : null}
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
          {rows.map((status) => (
            <Line
              key={status.id}
              known={status}
              problem={withProblem ? (names.get(status.problem ?? "") ?? status.problem ?? "") : null}
            />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** `problem` is its name, empty for a run without one, and `null` where all are of the same. */
function Line({ known, problem }: { known: Status; problem: string | null }) {
  const status = useLiveStatus(known.id, known).status ?? known;
  return (
    <tr>
      <td>
        <Link to={`/submissions/${status.id}`}>
          <VerdictBadge status={status} />
        </Link>
      </td>
      {problem === null ? null : (
        <td>{status.problem ? <Link to={`/problems/${status.problem}`}>{problem}</Link> : "own run"}</td>
      )}
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
