import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime, formatPercent } from "../lib/format";
import { EmptyState } from "../components/EmptyState";
import { QueryBoundary } from "../components/QueryBoundary";
import { DataTable } from "../components/DataTable";
import { useCurrentAccount } from "../auth/queries";
import { AddProblem } from "./AddProblem";
import { StateBadge } from "./StateBadge";
import { useAuthoredProblems } from "./queries";
import type { AuthoredLine } from "./types";

/** The problems that the account may change. Administrators may change all. */
export function MyProblems() {
  const problems = useAuthoredProblems();
  return (
    <div className="wide authoring">
      <div className="page-head">
        <h1>
          <Trans>My problems</Trans>
        </h1>
      </div>
      <AddProblem />
      <QueryBoundary query={problems} subject={t`your problems`}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t`You have no problems yet`}>
              <p>
                <Trans>
                  Choose a package above. <code>gavel problems new FOLDER</code> makes one to begin with.
                </Trans>
              </p>
            </EmptyState>
          ) : (
            <Table rows={rows} />
          )
        }
      </QueryBoundary>
    </div>
  );
}

function Table({ rows }: { rows: AuthoredLine[] }) {
  return (
    <DataTable
      label={t`Table of problems`}
      rows={rows}
      rowKey={(row) => row.slug}
      columns={[
        { title: t`Problem`, cell: (row) => <Name row={row} />, namesRow: true },
        { title: t`State`, cell: (row) => <State row={row} /> },
        { title: t`Version`, cell: (row) => <NewestVersion row={row} /> },
        { title: t`Accepted`, cell: (row) => <Acceptance row={row} />, className: "number" },
        { title: t`Verified`, cell: (row) => <LastVerification row={row} /> },
      ]}
    />
  );
}

function Name({ row }: { row: AuthoredLine }) {
  const me = useCurrentAccount().data?.name;
  return (
    <>
      <Link to={`/my-problems/${row.slug}`}>{row.title}</Link>
      <div className="muted small">
        <code>{row.slug}</code>
        {row.owner && row.owner !== me ? t`, of ${row.owner}` : ""}
      </div>
    </>
  );
}

function State({ row }: { row: AuthoredLine }) {
  const hasDraft = row.state === "published" && row.newest !== row.version;
  return (
    <>
      <StateBadge state={row.state} />
      {hasDraft ? (
        <div className="muted small">
          <Trans>with a newer draft</Trans>
        </div>
      ) : null}
      {row.faults > 0 ? (
        <div className="tone-bad small">
          <Trans>Faults: {row.faults}</Trans>
        </div>
      ) : null}
    </>
  );
}

function NewestVersion({ row }: { row: AuthoredLine }) {
  return (
    <>
      <code title={row.newest}>{row.newest.slice(0, 8)}</code>
      <div className="muted small" title={formatDateTime(row.added_at)}>
        {formatAge(row.added_at)}
      </div>
    </>
  );
}

function Acceptance({ row }: { row: AuthoredLine }) {
  return (
    <>
      {formatPercent(row.acceptance_rate)}
      <div className="muted small">
        <Trans>
          {row.accepted} of {row.submitted}
        </Trans>
      </div>
    </>
  );
}

function LastVerification({ row }: { row: AuthoredLine }) {
  const last = row.verification;
  if (!last) return <span className="muted">–</span>;
  const result = last.passed === null ? t`under way` : last.passed ? t`as expected` : t`not as expected`;
  return (
    <>
      <span className={last.passed === false ? "tone-bad" : ""}>{result}</span>
      <div className="muted small">
        {last.version === row.newest ? formatAge(last.begun_at) : t`an earlier version`}
      </div>
    </>
  );
}
