import { tierOptions } from "../lib/names";
import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { DataTable } from "../components/DataTable";
import { isFinal } from "../status-updates/statusOrder";
import { useProblems } from "../problems/queries";
import { TierBadge } from "../components/TierBadge";
import { VerdictBadge } from "../verdict/VerdictBadge";
import { statusLabel, verdictOptions } from "../verdict/labels";
import { type AllFilter, type SubmissionAction, useAllSubmissions, useSubmissionAction, useTiers } from "./queries";
import { RejudgeTable } from "./RejudgeTable";
import { trackRejudged } from "./rejudgeComparison";
import type { OwnedStatus } from "./types";

type View = "unfinished" | "failed" | "all";
type Filter = Pick<AllFilter, "queue" | "problem" | "verdict" | "account">;
const VIEWS: [View, MessageDescriptor, AllFilter][] = [
  ["unfinished", msg`Not judged yet`, { unfinished: "true" }],
  ["failed", msg`Internal errors`, { stage: "FAILED" }],
  ["all", msg`All`, {}],
];
const EMPTY_TITLES: Record<View, MessageDescriptor> = {
  unfinished: msg`Nothing waits: everything has its verdict`,
  failed: msg`Nothing has failed`,
  all: msg`No submission matches`,
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
        <h1>
          <Trans>Submissions</Trans>
        </h1>
        <fieldset className="choices">
          <legend className="visually-hidden">
            <Trans>Which submissions</Trans>
          </legend>
          {VIEWS.map(([name, title]) => (
            <label key={name}>
              <input type="radio" name="which" checked={view === name} onChange={() => setView(name)} />
              {i18n._(title)}
            </label>
          ))}
        </fieldset>
      </div>
      <Filters filter={filter} setFilter={setFilter} />
      <QueryBoundary query={submissions} subject={t`the submissions`}>
        {(rows) => (
          <>
            {rows.length === 0 ? (
              <EmptyState title={i18n._(EMPTY_TITLES[view])} />
            ) : (
              <Table rows={rows} runAction={runAction} />
            )}
            <LoadMore paged={submissions} title={t`Older submissions`} />
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
          action === "rejudge" && trackRejudged([{ id: row.id, account: row.account ?? null, before: row.verdict }]),
      },
    );
}

function Filters({ filter, setFilter }: { filter: Filter; setFilter: (next: Filter) => void }) {
  const problems = (useProblems().data ?? []).map(({ slug, name }) => [slug, name] as const);
  const tiers = useTiers();
  const choose = (name: keyof Filter) => (value: string) => {
    const { [name]: _, ...rest } = filter;
    setFilter(value ? { ...rest, [name]: value } : rest);
  };
  return (
    <div className="filters">
      <Select label={t`Queue`} value={filter.queue ?? ""} choose={choose("queue")} options={tierOptions(tiers)} />
      <Select label={t`Problem`} value={filter.problem ?? ""} choose={choose("problem")} options={problems} />
      <Select label={t`Verdict`} value={filter.verdict ?? ""} choose={choose("verdict")} options={verdictOptions()} />
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
          aria-label={t`Only of this account`}
          placeholder={t`Account, then Enter`}
        />
      </form>
    </div>
  );
}

function Table({ rows, runAction }: { rows: OwnedStatus[]; runAction: RunAction }) {
  return (
    <DataTable
      label={t`Submissions`}
      className="submission-table"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        { title: t`Submission`, cell: (row) => <Verdict row={row} /> },
        { title: t`Queue`, cell: (row) => <TierBadge tier={row.queue} /> },
        { title: t`Account`, cell: (row) => row.account ?? "–" },
        { title: t`Problem`, cell: (row) => row.problem ?? t`own run` },
        {
          title: t`Posted`,
          cell: (row) => <span title={formatDateTime(row.submitted_at)}>{formatAge(row.submitted_at)}</span>,
          cellClass: "time",
        },
        { title: t`Why`, cell: (row) => row.reason ?? "", cellClass: "reason-cell" },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cell: (row) => (
            <div className="actions">
              <Actions row={row} runAction={runAction} />
            </div>
          ),
        },
      ]}
    />
  );
}

function Verdict({ row }: { row: OwnedStatus }) {
  return (
    <>
      <Link to={`/submissions/${row.id}`}>
        <VerdictBadge status={row} />
      </Link>
      <div className="muted small">
        <Trans>
          {row.id.slice(-8)}, attempt {row.attempt}
        </Trans>
      </div>
    </>
  );
}

function Actions({ row, runAction }: { row: OwnedStatus; runAction: RunAction }) {
  const name = row.id.slice(-8);
  if (isFinal(row)) {
    return (
      <ConfirmButton
        label={t`Rejudge`}
        accessibleName={t`Rejudge ${name}`}
        question={t`Judge this submission again?`}
        consequence={t`Its verdict is replaced by the new one. The old verdict stays in the audit log.`}
        onConfirm={() => runAction(row, "rejudge")}
      />
    );
  }
  return (
    <>
      <ConfirmButton
        label={t`Requeue`}
        accessibleName={t`Requeue ${name}`}
        question={t`Put this submission into its queue again?`}
        consequence={t`A new attempt begins; whatever an earlier attempt still reports is ignored.`}
        onConfirm={() => runAction(row, "requeue")}
      />
      <ConfirmButton
        label={t`Cancel`}
        accessibleName={t`Cancel ${name}`}
        question={t`Cancel this submission?`}
        consequence={t`It will not be judged. Its author sees that it was cancelled. This cannot be undone.`}
        onConfirm={() => runAction(row, "cancel")}
      />
    </>
  );
}
