import { useState } from "react";
import { Link } from "../furniture/routing";
import { ago, moment } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { Choice } from "../furniture/Choice";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { MoreButton } from "../furniture/MoreButton";
import { TableFrame } from "../furniture/TableFrame";
import { isFinal } from "../live/order";
import { useProblems } from "../problems/queries";
import { TierBadge } from "../shell/TierBadge";
import { VerdictBadge } from "../verdict/VerdictBadge";
import { describe, VERDICTS } from "../verdict/words";
import { type AllFilter, type SubmissionAct, useAllSubmissions, useSubmissionAct } from "./queries";
import { RejudgedTable } from "./RejudgedTable";
import { compareLater } from "./rejudged";
import type { OwnedStatus } from "./wire";

type View = "unfinished" | "failed" | "all";
type Narrowed = Pick<AllFilter, "queue" | "problem" | "verdict" | "account">;
const VIEWS: [View, string, AllFilter][] = [
  ["unfinished", "Not judged yet", { unfinished: "true" }],
  ["failed", "Failed (ours)", { stage: "FAILED" }],
  ["all", "All", {}],
];
const NOTHING: Record<View, string> = {
  unfinished: "Nothing waits: everything has its verdict",
  failed: "Nothing has failed",
  all: "No submission is like that",
};

/** Everybody's submissions: what is stuck, what failed and why, and what can be done about it. */
export function Submissions() {
  const [view, setView] = useState<View>("unfinished");
  const [narrowed, setNarrowed] = useState<Narrowed>({});
  const chosen = VIEWS.find(([name]) => name === view)?.[2] ?? {};
  const submissions = useAllSubmissions({ ...chosen, ...narrowed });
  const act = useAct();
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
      <Filters narrowed={narrowed} narrow={setNarrowed} />
      <Answered asked={submissions} what="the submissions">
        {(rows) => (
          <>
            {rows.length === 0 ? <Empty title={NOTHING[view]} /> : <Table rows={rows} act={act} />}
            <MoreButton paged={submissions} title="Older submissions" />
          </>
        )}
      </Answered>
      <RejudgedTable />
    </>
  );
}

type Act = (row: OwnedStatus, act: SubmissionAct) => void;

function useAct(): Act {
  const act = useSubmissionAct();
  return (row, what) =>
    act.mutate(
      { id: row.id, act: what, before: describe(row).text },
      {
        onSuccess: () =>
          what === "rejudge" &&
          compareLater([{ id: row.id, account: row.account ?? null, before: row.verdict }]),
      },
    );
}

const QUEUES = [
  ["premium", "premium"],
  ["normal", "normal"],
] as const;
const VERDICT_OPTIONS = Object.entries(VERDICTS).map(([verdict, words]) => [verdict, words.text] as const);

function Filters({ narrowed, narrow }: { narrowed: Narrowed; narrow: (next: Narrowed) => void }) {
  const problems = (useProblems().data ?? []).map(({ slug, name }) => [slug, name] as const);
  const choose = (name: keyof Narrowed) => (value: string) => {
    const { [name]: _, ...rest } = narrowed;
    narrow(value ? { ...rest, [name]: value } : rest);
  };
  return (
    <div className="filters">
      <Choice label="Queue" value={narrowed.queue ?? ""} choose={choose("queue")} options={QUEUES} />
      <Choice label="Problem" value={narrowed.problem ?? ""} choose={choose("problem")} options={problems} />
      <Choice
        label="Verdict"
        value={narrowed.verdict ?? ""}
        choose={choose("verdict")}
        options={VERDICT_OPTIONS}
      />
      <form
        className="choice"
        onSubmit={(event) => {
          event.preventDefault();
          choose("account")(String(new FormData(event.currentTarget).get("account")).trim());
        }}
      >
        <input
          type="search"
          name="account"
          className="input small"
          aria-label="Only of this account"
          placeholder="Account, then Enter"
        />
      </form>
    </div>
  );
}

function Table({ rows, act }: { rows: OwnedStatus[]; act: Act }) {
  return (
    <TableFrame label="Submissions">
      <table className="submission-table">
        <thead>
          <tr>
            <th scope="col">Submission</th>
            <th scope="col">Queue</th>
            <th scope="col">Account</th>
            <th scope="col">Problem</th>
            <th scope="col">Posted</th>
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
      <td className="when" title={moment(row.submitted_at)}>
        {ago(row.submitted_at)}
      </td>
      <td className="why">{row.reason ?? ""}</td>
      <td>
        <div className="acts">
          <Acts row={row} act={act} />
        </div>
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
