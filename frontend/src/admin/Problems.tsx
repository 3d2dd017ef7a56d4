import { useState } from "react";
import { Link } from "../furniture/routing";
import { ago, moment, percent } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { TableFrame } from "../furniture/TableFrame";
import { useProblems } from "../problems/queries";
import type { ProblemLine } from "../wire/types";
import { AddProblem } from "./AddProblem";
import { Proof } from "./Proof";
import { useOfferedVersions } from "./queries";
import { RejudgedTable } from "./RejudgedTable";
import { useRejudgeProblem } from "./useRejudgeProblem";
import type { OfferedVersion } from "./wire";

/** The problems on offer; adding them, and proving that they keep what their packages promise. */
export function Problems() {
  const offered = useOfferedVersions();
  const [proving, setProving] = useState<string | null>(null);
  return (
    <>
      <div className="page-head">
        <h1>Problems</h1>
      </div>
      <AddProblem verify={setProving} />
      {proving ? <Proof key={proving} slug={proving} close={() => setProving(null)} /> : null}
      <Answered asked={offered} what="the problems">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="There are no problems yet">
              <p>
                Add a package above, or with <code>gavel problems add FOLDER</code>.
              </p>
            </Empty>
          ) : (
            <Table rows={rows} verify={setProving} />
          )
        }
      </Answered>
      <RejudgedTable />
    </>
  );
}

function Table({ rows, verify }: { rows: OfferedVersion[]; verify: (slug: string) => void }) {
  const known = new Map((useProblems().data ?? []).map((problem) => [problem.slug, problem]));
  return (
    <TableFrame label="Problems">
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
              <span className="hidden">Acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={row.slug} row={row} known={known.get(row.slug)} verify={verify} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

interface LineProps {
  row: OfferedVersion;
  known: ProblemLine | undefined;
  verify: (slug: string) => void;
}

function Line({ row, known, verify }: LineProps) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/problems/${row.slug}`}>{row.title}</Link>
        <div className="faint small">
          <code>{row.slug}</code>
          {row.author ? `, by ${row.author}` : ""}
        </div>
      </th>
      <td>
        <code title={row.version}>{row.version.slice(0, 8)}</code>
        <div className="faint small">{row.format}</div>
      </td>
      <td className="when" title={moment(row.added_at)}>
        {ago(row.added_at)}
      </td>
      <td className="number">{known?.tests_total ?? "–"}</td>
      <td className="number">{known?.time_limit ? `${known.time_limit} s` : "–"}</td>
      <td className="number">{percent(known?.acceptance_rate)}</td>
      <td>
        <Acts row={row} verify={verify} />
      </td>
    </tr>
  );
}

function Acts({ row, verify }: Omit<LineProps, "known">) {
  const rejudge = useRejudgeProblem();
  return (
    <div className="acts">
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
        describedAs={`Rejudge all of ${row.slug}`}
        question={`Judge every submission of “${row.title}” again?`}
        consequence="They wait behind all live work. Each verdict stands until the new one is there; before and after are shown below."
        disabled={rejudge.isPending}
        act={() => rejudge.mutate({ slug: row.slug, all: true })}
      />
    </div>
  );
}
