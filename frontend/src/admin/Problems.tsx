import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime, formatPercent } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { DataTable } from "../components/DataTable";
import { useProblems } from "../problems/queries";
import type { ProblemSummary } from "../api/types";
import { AddProblem } from "../authoring/AddProblem";
import { StateBadge } from "../authoring/StateBadge";
import { ProblemFaults } from "./ProblemFaults";
import { PackageVerification } from "./PackageVerification";
import { useProblemVersions } from "./queries";
import { RejudgeTable } from "./RejudgeTable";
import { useRejudgeProblem } from "./useRejudgeProblem";
import type { ProblemVersion } from "./types";

/** The problems: add, verify and rejudge them. */
export function Problems() {
  const versions = useProblemVersions();
  const [verifying, setVerifying] = useState<string | null>(null);
  const [faulty, setFaulty] = useState<string | null>(null);
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Problems</Trans>
        </h1>
      </div>
      <AddProblem />
      {verifying ? <PackageVerification key={verifying} slug={verifying} close={() => setVerifying(null)} /> : null}
      {faulty ? <ProblemFaults key={faulty} slug={faulty} close={() => setFaulty(null)} /> : null}
      <QueryBoundary query={versions} subject={t`the problems`}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title={t`There are no problems yet`}>
              <p>
                <Trans>
                  Add a package above, or with <code>gavel problems add FOLDER</code>.
                </Trans>
              </p>
            </EmptyState>
          ) : (
            <Table rows={rows} verify={setVerifying} showFaults={setFaulty} />
          )
        }
      </QueryBoundary>
      <RejudgeTable />
    </>
  );
}

interface TableProps {
  rows: ProblemVersion[];
  verify: (slug: string) => void;
  showFaults: (slug: string) => void;
}

function Table({ rows, verify, showFaults }: TableProps) {
  const known = new Map((useProblems().data ?? []).map((problem) => [problem.slug, problem]));
  return (
    <DataTable
      label={t`Problems`}
      rows={rows}
      rowKey={(row) => row.slug}
      columns={[
        { title: t`Problem`, cell: (row) => <Name row={row} />, namesRow: true },
        { title: t`Version`, cell: (row) => <Version row={row} /> },
        { title: t`State`, cell: (row) => <StateBadge state={row.state} /> },
        {
          title: t`Added`,
          cell: (row) => <span title={formatDateTime(row.added_at)}>{formatAge(row.added_at)}</span>,
          cellClass: "time",
        },
        { title: t`Tests`, cell: (row) => known.get(row.slug)?.tests_total ?? "–", className: "number" },
        { title: t`Time`, cell: (row) => timeLimit(known.get(row.slug)), className: "number" },
        {
          title: t`Acceptance`,
          cell: (row) => formatPercent(known.get(row.slug)?.acceptance_rate),
          className: "number",
        },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cell: (row) => <Actions row={row} verify={verify} showFaults={showFaults} />,
        },
      ]}
    />
  );
}

function Name({ row }: { row: ProblemVersion }) {
  return (
    <>
      <Link to={`/my-problems/${row.slug}`}>{row.title}</Link>
      <div className="muted small">
        <code>{row.slug}</code>
        {row.author ? t`, by ${row.author}` : ""}
      </div>
    </>
  );
}

function Version({ row }: { row: ProblemVersion }) {
  return (
    <>
      <code title={row.version}>{row.version.slice(0, 8)}</code>
      <div className="muted small">{row.format}</div>
    </>
  );
}

function timeLimit(known: ProblemSummary | undefined): string {
  return known?.time_limit ? t`${known.time_limit} s` : "–";
}

interface ActionsProps {
  row: ProblemVersion;
  verify: (slug: string) => void;
  showFaults: (slug: string) => void;
}

function Actions({ row, verify, showFaults }: ActionsProps) {
  const rejudge = useRejudgeProblem();
  return (
    <div className="actions">
      <button
        type="button"
        className="button small"
        aria-label={t`Verify ${row.slug}`}
        onClick={() => verify(row.slug)}
      >
        <Trans>Verify</Trans>
      </button>
      {row.faults > 0 ? (
        <button
          type="button"
          className="button small danger"
          aria-label={t`Faults: ${row.faults}, of ${row.slug}`}
          onClick={() => showFaults(row.slug)}
        >
          <Trans>Faults: {row.faults}</Trans>
        </button>
      ) : null}
      <ConfirmButton
        label={t`Rejudge all`}
        accessibleName={t`Rejudge all of ${row.slug}`}
        question={t`Judge every submission of “${row.title}” again?`}
        consequence={t`They are judged after all other submissions. Each verdict stands until the new one is there; before and after are shown below.`}
        disabled={rejudge.isPending}
        onConfirm={() => rejudge.mutate({ slug: row.slug, all: true })}
      />
    </div>
  );
}
