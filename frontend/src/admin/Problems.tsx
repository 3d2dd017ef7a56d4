import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime, formatPercent } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { TableContainer } from "../components/TableContainer";
import { useProblems } from "../problems/queries";
import type { ProblemSummary } from "../api/types";
import { AddProblem } from "./AddProblem";
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
      <AddProblem verify={setVerifying} />
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
    <TableContainer label={t`Problems`}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Problem</Trans>
            </th>
            <th scope="col">
              <Trans>Version</Trans>
            </th>
            <th scope="col">
              <Trans>Added</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Tests</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Time</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Acceptance</Trans>
            </th>
            <th scope="col">
              <span className="visually-hidden">
                <Trans>Actions</Trans>
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.slug} row={row} known={known.get(row.slug)} verify={verify} showFaults={showFaults} />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

interface RowProps {
  row: ProblemVersion;
  known: ProblemSummary | undefined;
  verify: (slug: string) => void;
  showFaults: (slug: string) => void;
}

function Row({ row, known, verify, showFaults }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/problems/${row.slug}`}>{row.title}</Link>
        <div className="muted small">
          <code>{row.slug}</code>
          {row.author ? t`, by ${row.author}` : ""}
        </div>
      </th>
      <td>
        <code title={row.version}>{row.version.slice(0, 8)}</code>
        <div className="muted small">{row.format}</div>
      </td>
      <td className="time" title={formatDateTime(row.added_at)}>
        {formatAge(row.added_at)}
      </td>
      <td className="number">{known?.tests_total ?? "–"}</td>
      <td className="number">{known?.time_limit ? t`${known.time_limit} s` : "–"}</td>
      <td className="number">{formatPercent(known?.acceptance_rate)}</td>
      <td>
        <Actions row={row} verify={verify} showFaults={showFaults} />
      </td>
    </tr>
  );
}

function Actions({ row, verify, showFaults }: Omit<RowProps, "known">) {
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
          aria-label={t`Faults of ${row.slug}: ${row.faults}`}
          onClick={() => showFaults(row.slug)}
        >
          <Trans>Faults: {row.faults}</Trans>
        </button>
      ) : null}
      <ConfirmButton
        label={t`Rejudge all`}
        accessibleName={t`Rejudge all of ${row.slug}`}
        question={t`Judge every submission of “${row.title}” again?`}
        consequence={t`They wait behind all live work. Each verdict stands until the new one is there; before and after are shown below.`}
        disabled={rejudge.isPending}
        onConfirm={() => rejudge.mutate({ slug: row.slug, all: true })}
      />
    </div>
  );
}
