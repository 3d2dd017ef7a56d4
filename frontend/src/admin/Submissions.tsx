import { useState } from "react";
import { Link } from "react-router";
import { ago, moment } from "../furniture/amounts";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { isFinal } from "../live/order";
import { TierBadge } from "../shell/TierBadge";
import { VerdictBadge } from "../verdict/VerdictBadge";
import { describe } from "../verdict/words";
import { type SubmissionAct, useAllSubmissions, useSubmissionAct } from "./queries";
import type { OwnedStatus } from "./wire";

type View = "unfinished" | "failed" | "all";
const VIEWS: [View, string, Record<string, string>][] = [
  ["unfinished", "Not judged yet", { unfinished: "true" }],
  ["failed", "Failed (ours)", { stage: "FAILED" }],
  ["all", "All", {}],
];

/** Everybody's submissions: what is stuck, what failed and why, and what can be done about it. */
export function Submissions() {
  const [view, setView] = useState<View>("unfinished");
  const filter = VIEWS.find(([name]) => name === view)?.[2] ?? {};
  const submissions = useAllSubmissions(filter);
  const act = useSubmissionAct();
  return (
    <>
      <div className="page-head">
        <h1>Submissions</h1>
        <fieldset className="choices">
          <legend className="hidden">Which submissions</legend>
          {VIEWS.map(([name, title]) => (
            <label key={name}>
              <input type="radio" name="which" checked={view === name} onChange={() => setView(name)} />
              {title}
            </label>
          ))}
        </fieldset>
      </div>
      {act.error ? <Trouble error={act.error} /> : null}
      {act.isSuccess ? <Done {...act.variables} rows={submissions.data ?? []} /> : null}
      {submissions.isPending ? <Loading what="the submissions" /> : null}
      {submissions.error ? (
        <Trouble error={submissions.error} what="the submissions" again={() => void submissions.refetch()} />
      ) : null}
      {submissions.data ? (
        <Found rows={submissions.data} act={(row, what) => act.mutate({ id: row.id, act: what, before: describe(row).text })} />
      ) : null}
    </>
  );
}

interface DoneProps {
  id: string;
  act: SubmissionAct;
  before: string;
  rows: OwnedStatus[];
}

/** What was done, and for a rejudging the verdict before and the state now. */
function Done({ id, act, before, rows }: DoneProps) {
  const now = rows.find((row) => row.id === id);
  return (
    <p role="status">
      Done: {act} {id.slice(-8)}. Before: {before}
      {now ? `, now: ${describe(now).text}` : ""}. It is in the audit log.
    </p>
  );
}

type Act = (row: OwnedStatus, act: SubmissionAct) => void;

function Found({ rows, act }: { rows: OwnedStatus[]; act: Act }) {
  if (rows.length === 0) return <Empty title="None, as it should be" />;
  return (
    <TableFrame label="Submissions">
      <table>
        <thead>
          <tr>
            <th scope="col">Submission</th>
            <th scope="col">Queue</th>
            <th scope="col">Account</th>
            <th scope="col">Problem</th>
            <th scope="col">Accepted</th>
            <th scope="col">Why</th>
            <th scope="col">
              <span className="hidden">Acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={row.id} row={row} act={act} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Line({ row, act }: { row: OwnedStatus; act: Act }) {
  return (
    <tr>
      <td>
        <Link to={`/submissions/${row.id}`}>
          <VerdictBadge status={row} />
        </Link>
        <div className="faint small">
          {row.id.slice(-8)}, attempt {row.attempt}
        </div>
      </td>
      <td>
        <TierBadge tier={row.queue} />
      </td>
      <td>{row.account ?? "–"}</td>
      <td>{row.problem ?? "own run"}</td>
      <td title={moment(row.submitted_at)}>{ago(row.submitted_at)}</td>
      <td>{row.reason ?? ""}</td>
      <td className="acts">
        <Acts row={row} act={act} />
      </td>
    </tr>
  );
}

function Acts({ row, act }: { row: OwnedStatus; act: Act }) {
  const name = row.id.slice(-8);
  if (isFinal(row)) {
    return (
      <ConfirmButton
        label="Rejudge"
        describedAs={`Rejudge ${name}`}
        question="Judge this submission again?"
        consequence="Its verdict is replaced by the new one. The old verdict stays in the audit log."
        act={() => act(row, "rejudge")}
      />
    );
  }
  return (
    <>
      <ConfirmButton
        label="Requeue"
        describedAs={`Requeue ${name}`}
        question="Put this submission into its queue again?"
        consequence="A new attempt begins; whatever an earlier attempt still reports is ignored."
        act={() => act(row, "requeue")}
      />
      <ConfirmButton
        label="Cancel"
        describedAs={`Cancel ${name}`}
        question="Cancel this submission?"
        consequence="It will not be judged. Its author sees that it was cancelled. This cannot be undone."
        act={() => act(row, "cancel")}
      />
    </>
  );
}
