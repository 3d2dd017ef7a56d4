import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime, formatKilobytes, formatMilliseconds } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { TableContainer } from "../components/TableContainer";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { useProblems } from "../problems/queries";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { Status } from "../api/types";
import { type Filter, useSubmissions } from "./queries";
import "./submissions.css";

/** Submissions, newest first; unfinished ones update live. */
export function SubmissionList({ filter }: { filter: Filter }) {
  const submissions = useSubmissions(filter);
  return (
    <QueryBoundary query={submissions} subject={t`the submissions`}>
      {(rows) =>
        rows.length === 0 ? (
          <NoSubmissions filter={filter} />
        ) : (
          <>
            <Table rows={rows} withProblem={!filter.problem} />
            <LoadMore paged={submissions} title={t`Older submissions`} />
          </>
        )
      }
    </QueryBoundary>
  );
}

function NoSubmissions({ filter }: { filter: Filter }) {
  const { kind, ...narrowed } = filter;
  if (kind === "run") return <EmptyState title={t`Nothing has been run like that yet`} />;
  if (Object.keys(narrowed).length > 0) return <EmptyState title={t`No submissions here yet`} />;
  return (
    <EmptyState title={t`No submissions here yet`}>
      <p>
        <Trans>
          <Link to="/problems">Choose a problem</Link>, write a program and submit it.
        </Trans>
      </p>
    </EmptyState>
  );
}

function Table({ rows, withProblem }: { rows: Status[]; withProblem: boolean }) {
  const problems = useProblems().data;
  const names = new Map(problems?.map(({ slug, name }) => [slug, name]));
  return (
    <TableContainer label={t`Submissions`}>
      <table className="submission-table">
        <thead>
          <tr>
            <th scope="col">
              <Trans>Verdict</Trans>
            </th>
            {withProblem ? (
              <th scope="col">
                <Trans>Problem</Trans>
              </th>
            ) : null}
            <th scope="col" className="wide-only">
              <Trans>Language</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Runtime</Trans>
            </th>
            <th scope="col" className="number wide-only">
              <Trans>Memory</Trans>
            </th>
            <th scope="col">
              <Trans>When</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((status) => (
            <Row
              key={status.id}
              known={status}
              problem={withProblem ? (names.get(status.problem ?? "") ?? status.problem ?? "") : null}
            />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

/** `problem` is the name to show: empty for a run without one, `null` to hide the column. */
function Row({ known, problem }: { known: Status; problem: string | null }) {
  const status = useLiveStatus(known.id, known).status ?? known;
  return (
    <tr>
      <td>
        <Link to={`/submissions/${status.id}`}>
          <VerdictBadge status={status} />
        </Link>
      </td>
      {problem === null ? null : (
        <td>{status.problem ? <Link to={`/problems/${status.problem}`}>{problem}</Link> : t`own run`}</td>
      )}
      <td className="wide-only">{status.language}</td>
      <td className="number">{formatMilliseconds(status.cpu_ms)}</td>
      <td className="number wide-only">{formatKilobytes(status.memory_kb)}</td>
      <td className="time">
        <time dateTime={status.submitted_at} title={formatDateTime(status.submitted_at)}>
          {formatAge(status.submitted_at)}
        </time>
      </td>
    </tr>
  );
}
