import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { Age } from "../components/Age";
import { formatDateTime, formatKilobytes, formatMilliseconds } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { DataTable } from "../components/DataTable";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { useLanguageName, useProblems } from "../problems/queries";
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
  if (kind === "run") return <EmptyState title={t`No run matches yet`} />;
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
  const languageName = useLanguageName();
  const names = new Map(problems?.map(({ slug, name }) => [slug, name]));
  return (
    <DataTable
      label={t`Submissions`}
      className="submission-table"
      rows={rows}
      rowKey={(status) => status.id}
      useRow={useCurrent}
      columns={[
        {
          title: t`Verdict`,
          cell: (status) => (
            <Link to={`/submissions/${status.id}`}>
              <VerdictBadge status={status} />
            </Link>
          ),
        },
        withProblem
          ? {
              title: t`Problem`,
              cell: ({ problem }) =>
                problem ? <Link to={`/problems/${problem}`}>{names.get(problem) ?? problem}</Link> : t`own run`,
            }
          : null,
        { title: t`Language`, cell: (status) => languageName(status.language), className: "wide-only" },
        { title: t`Runtime`, cell: (status) => formatMilliseconds(status.cpu_ms), className: "number" },
        { title: t`Memory`, cell: (status) => formatKilobytes(status.memory_kb), className: "number wide-only" },
        {
          title: t`When`,
          cellClass: "time",
          cell: ({ submitted_at }) => (
            <time dateTime={submitted_at} title={formatDateTime(submitted_at)}>
              <Age time={submitted_at} />
            </time>
          ),
        },
      ]}
    />
  );
}

function useCurrent(known: Status): Status {
  return useLiveStatus(known.id, known).status ?? known;
}
