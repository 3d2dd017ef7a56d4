import { useState } from "react";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { TableContainer } from "../components/TableContainer";
import { isFinal } from "../status-updates/statusOrder";
import { useProblems } from "../problems/queries";
import { TierBadge } from "../components/TierBadge";
import { VerdictBadge } from "../verdict/VerdictBadge";
import { statusLabel, VERDICT_LABELS } from "../verdict/labels";
import { type AllFilter, type SubmissionAction, useAllSubmissions, useSubmissionAction } from "./queries";
import { RejudgeTable } from "./RejudgeTable";
import { trackRejudged } from "./rejudgeComparison";
import type { OwnedStatus } from "./types";

type View = "unfinished" | "failed" | "all";
type Filter = Pick<AllFilter, "queue" | "problem" | "verdict" | "account">;
const VIEWS: [View, string, AllFilter][] = [
  ["unfinished", "Not judged yet", { unfinished: "true" }],
  ["failed", "Internal errors", { stage: "FAILED" }],
  ["all", "All", {}],
];
const EMPTY_TITLES: Record<View, string> = {
  unfinished: "Nothing waits: everything has its verdict",
  failed: "Nothing has failed",
  all: "No submission is like that",
};

/** All submissions: which are stuck or failed, why, and the actions on them. */
export function Submissions() {
  const [view, setView] = useState<View>("unfinished");
  const [filter, setFilter] = useState<Filter>({});
  const chosen = VIEWS.find(([name]) => name === view)?.[2] ?? {};
  const submissions = useAllSubmissions({ ...chosen, ...filter });
  const runAction = useRunAction();
  return (
    <>
      <div className="page-head">
        <h1>Submissions</h1>
        <fieldset className="choices">
          <legend className="visually-hidden">Which submissions</legend>
          {VIEWS.map(([name, title]) => (
            <label key={name}>
              <input type="radio" name="which" checked={view === name} onChange={() => setView(name)} />
              {title}
            </label>
          ))}
        </fieldset>
      </div>
      <Filters filter={filter} setFilter={setFilter} />
      <QueryBoundary query={submissions} subject="the submissions">
        {(rows) => (
          <>
            {rows.length === 0 ? <EmptyState title={EMPTY_TITLES[view]} /> : <Table rows={rows} runAction={runAction} />}
            <LoadMore paged={submissions} title="Older submissions" />
          </>
        )}
      </QueryBoundary>
      <RejudgeTable />
    </>
  );
}

type RunAction = (row: OwnedStatus, action: SubmissionAction) => void;

function useRunAction(): RunAction {
  const mutation = useSubmissionAction();
  return (row, action) =>
    mutation.mutate(
      { id: row.id, action, before: statusLabel(row).text },
      {
        onSuccess: () =>
          action === "rejudge" &&
          trackRejudged([{ id: row.id, account: row.account ?? null, before: row.verdict }]),
      },
    );
}

const QUEUES = [
  ["premium", "premium"],
  ["normal", "normal"],
] as const;
const VERDICT_OPTIONS = Object.entries(VERDICT_LABELS).map(([verdict, label]) => [verdict, label.text] as const);

function Filters({ filter, setFilter }: { filter: Filter; setFilter: (next: Filter) => void }) {
  const problems = (useProblems().data ?? []).map(({ slug, name }) => [slug, name] as const);
  const choose = (name: keyof Filter) => (value: string) => {
    const { [name]: _, ...rest } = filter;
    setFilter(value ? { ...rest, [name]: value } : rest);
  };
  return (
    <div className="filters">
      <Select label="Queue" value={filter.queue ?? ""} choose={choose("queue")} options={QUEUES} />
      <Select label="Problem" value={filter.problem ?? ""} choose={choose("problem")} options={problems} />
      <Select
        label="Verdict"
        value={filter.verdict ?? ""}
        choose={choose("verdict")}
        options={VERDICT_OPTIONS}
      />
      <form
        className="select-field"
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

function Table({ rows, runAction }: { rows: OwnedStatus[]; runAction: RunAction }) {
  return (
    <TableContainer label="Submissions">
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
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} runAction={runAction} />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

function Row({ row, runAction }: { row: OwnedStatus; runAction: RunAction }) {
  return (
    <tr>
      <td>
        <Link to={`/submissions/${row.id}`}>
          <VerdictBadge status={row} />
        </Link>
        <div className="muted small">
          {row.id.slice(-8)}, attempt {row.attempt}
        </div>
      </td>
      <td>
        <TierBadge tier={row.queue} />
      </td>
      <td>{row.account ?? "–"}</td>
      <td>{row.problem ?? "own run"}</td>
      <td className="time" title={formatDateTime(row.submitted_at)}>
        {formatAge(row.submitted_at)}
      </td>
      <td className="reason-cell">{row.reason ?? ""}</td>
      <td>
        <div className="actions">
          <Actions row={row} runAction={runAction} />
        </div>
      </td>
    </tr>
  );
}

function Actions({ row, runAction }: { row: OwnedStatus; runAction: RunAction }) {
  const name = row.id.slice(-8);
  if (isFinal(row)) {
    return (
      <ConfirmButton
        label="Rejudge"
        accessibleName={`Rejudge ${name}`}
        question="Judge this submission again?"
        consequence="Its verdict is replaced by the new one. The old verdict stays in the audit log."
        onConfirm={() => runAction(row, "rejudge")}
      />
    );
  }
  return (
    <>
      <ConfirmButton
        label="Requeue"
        accessibleName={`Requeue ${name}`}
        question="Put this submission into its queue again?"
        consequence="A new attempt begins; whatever an earlier attempt still reports is ignored."
        onConfirm={() => runAction(row, "requeue")}
      />
      <ConfirmButton
        label="Cancel"
        accessibleName={`Cancel ${name}`}
        question="Cancel this submission?"
        consequence="It will not be judged. Its author sees that it was cancelled. This cannot be undone."
        onConfirm={() => runAction(row, "cancel")}
      />
    </>
  );
}
