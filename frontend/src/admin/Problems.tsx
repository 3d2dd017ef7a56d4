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
import { PackageVerification } from "./PackageVerification";
import { useProblemVersions } from "./queries";
import { RejudgeTable } from "./RejudgeTable";
import { useRejudgeProblem } from "./useRejudgeProblem";
import type { ProblemVersion } from "./types";

/** The problems: add, verify and rejudge them. */
export function Problems() {
  const versions = useProblemVersions();
  const [verifying, setVerifying] = useState<string | null>(null);
  return (
    <>
      <div className="page-head">
        <h1>Problems</h1>
      </div>
      <AddProblem verify={setVerifying} />
      {verifying ? <PackageVerification key={verifying} slug={verifying} close={() => setVerifying(null)} /> : null}
      <QueryBoundary query={versions} subject="the problems">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="There are no problems yet">
              <p>
                Add a package above, or with <code>gavel problems add FOLDER</code>.
              </p>
            </EmptyState>
          ) : (
            <Table rows={rows} verify={setVerifying} />
          )
        }
      </QueryBoundary>
      <RejudgeTable />
    </>
  );
}

function Table({ rows, verify }: { rows: ProblemVersion[]; verify: (slug: string) => void }) {
  const known = new Map((useProblems().data ?? []).map((problem) => [problem.slug, problem]));
  return (
    <TableContainer label="Problems">
      <table>
        <thead>
          <tr>
            <th scope="col">Problem</th>
            <th scope="col">Version</th>
            <th scope="col">Added</th>
            <th scope="col" className="number">
              Tests
            </th>
            <th scope="col" className="number">
              Time
            </th>
            <th scope="col" className="number">
              Acceptance
            </th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.slug} row={row} known={known.get(row.slug)} verify={verify} />
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
}

function Row({ row, known, verify }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/problems/${row.slug}`}>{row.title}</Link>
        <div className="muted small">
          <code>{row.slug}</code>
          {row.author ? `, by ${row.author}` : ""}
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
      <td className="number">{known?.time_limit ? `${known.time_limit} s` : "–"}</td>
      <td className="number">{formatPercent(known?.acceptance_rate)}</td>
      <td>
        <Actions row={row} verify={verify} />
      </td>
    </tr>
  );
}

function Actions({ row, verify }: Omit<RowProps, "known">) {
  const rejudge = useRejudgeProblem();
  return (
    <div className="actions">
      <button
        type="button"
        className="button small"
        aria-label={`Verify ${row.slug}`}
        onClick={() => verify(row.slug)}
      >
        Verify
      </button>
      <ConfirmButton
        label="Rejudge all"
        accessibleName={`Rejudge all of ${row.slug}`}
        question={`Judge every submission of “${row.title}” again?`}
        consequence="They wait behind all live work. Each verdict stands until the new one is there; before and after are shown below."
        disabled={rejudge.isPending}
        onConfirm={() => rejudge.mutate({ slug: row.slug, all: true })}
      />
    </div>
  );
}
