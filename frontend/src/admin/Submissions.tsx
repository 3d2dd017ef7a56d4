import { tierOptions } from "../lib/names";
import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "../lib/routing";
import { formatAge, formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { SearchField } from "../components/SearchField";
import { Select } from "../components/Select";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { DataTable } from "../components/DataTable";
import { useProblems } from "../problems/queries";
import { TierBadge } from "../components/TierBadge";
import { VerdictBadge } from "../verdict/VerdictBadge";
import { statusLabel, verdictOptions } from "../verdict/labels";
import {
  type AllFilter,
  MOST_COUNTED,
  type SubmissionAction,
  useAllSubmissions,
  useSubmissionAction,
  useTiers,
} from "./queries";
import { RejudgeTable } from "./RejudgeTable";
import { trackRejudged } from "./rejudgeComparison";
import { SubmissionActs } from "./SubmissionActs";
import { SubmissionBulk } from "./SubmissionBulk";
import type { OwnedStatus } from "./types";

type View = "unfinished" | "failed" | "ignored" | "all";
type Filter = Pick<AllFilter, "queue" | "problem" | "verdict" | "account">;
const VIEWS: [View, MessageDescriptor, AllFilter][] = [
  // The submission that waits longest comes first.
  ["unfinished", msg`Not judged yet`, { unfinished: "true", order: "oldest" }],
  ["failed", msg`Internal errors`, { stage: "FAILED", ignored: "false" }],
  ["ignored", msg`Ignored errors`, { stage: "FAILED", ignored: "true" }],
  ["all", msg`All`, {}],
];
const EMPTY_TITLES: Record<View, MessageDescriptor> = {
  unfinished: msg`Nothing waits: every submission has ended`,
  failed: msg`No internal error, except ignored ones`,
  ignored: msg`No internal error was ignored`,
  all: msg`No submission matches`,
};

/** All submissions: which are stuck or failed, why, and the actions on them. */
export function Submissions() {
  const [view, setView] = useState<View>("unfinished");
  const [filter, setFilter] = useState<Filter>({});
  const shown = VIEWS.find(([name]) => name === view)?.[2] ?? {};
  const isFiltered = Object.keys(filter).length > 0;
  const submissions = useAllSubmissions({ ...shown, ...filter });
  const runAction = useRunAction();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
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
        {({ rows, total }) => (
          <>
            {rows.length === 0 ? (
              <EmptyState title={i18n._(EMPTY_TITLES[isFiltered ? "all" : view])} />
            ) : (
              <>
                <p className="muted" role="status">
                  <Total total={total} /> {view === "unfinished" ? <Trans>The longest wait comes first.</Trans> : null}
                </p>
                <SubmissionBulk rows={rows} chosen={chosen} clear={() => setChosen(new Set())} />
                <Table rows={rows} runAction={runAction} chosen={chosen} choose={setChosen} />
              </>
            )}
            <LoadMore paged={submissions} title={view === "unfinished" ? t`Later submissions` : t`Older submissions`} />
          </>
        )}
      </QueryBoundary>
      <RejudgeTable />
    </>
  );
}

function Total({ total }: { total: number }) {
  if (total >= MOST_COUNTED) return <Trans>{MOST_COUNTED} submissions or more.</Trans>;
  return <Plural value={total} one="# submission." other="# submissions." />;
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
      <SearchField
        label={t`Only of this account`}
        placeholder={t`Account, then Enter`}
        value={filter.account ?? ""}
        search={choose("account")}
        atEnter
      />
    </div>
  );
}

interface TableProps {
  rows: OwnedStatus[];
  runAction: RunAction;
  chosen: ReadonlySet<string>;
  choose: (ids: ReadonlySet<string>) => void;
}

function Table({ rows, runAction, chosen, choose }: TableProps) {
  const toggle = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) on ? next.add(id) : next.delete(id);
    choose(next);
  };
  const ids = rows.map(({ id }) => id);
  return (
    <DataTable
      label={t`Submissions`}
      className="submission-table"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          title: (
            <input
              type="checkbox"
              aria-label={t`Choose all that are shown`}
              checked={ids.every((id) => chosen.has(id))}
              onChange={(event) => toggle(ids, event.target.checked)}
            />
          ),
          cell: (row) => (
            <input
              type="checkbox"
              aria-label={t`Choose ${row.id.slice(-8)}`}
              checked={chosen.has(row.id)}
              onChange={(event) => toggle([row.id], event.target.checked)}
            />
          ),
        },
        { title: t`Submission`, cell: (row) => <Verdict row={row} /> },
        { title: t`Queue`, cell: (row) => <TierBadge tier={row.queue} /> },
        { title: t`Account`, cell: (row) => row.account ?? "–" },
        { title: t`Problem`, cell: (row) => row.problem ?? t`own run` },
        {
          title: t`Posted`,
          cell: (row) => <span title={formatDateTime(row.submitted_at)}>{formatAge(row.submitted_at)}</span>,
          cellClass: "time",
        },
        {
          title: t`Why`,
          cell: (row) => (
            <>
              {row.reason ?? ""}
              {row.ignored_by ? (
                <div className="muted small">
                  <Trans>ignored by {row.ignored_by}</Trans>
                </div>
              ) : null}
            </>
          ),
          cellClass: "reason-cell",
        },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cell: (row) => (
            <div className="actions">
              <SubmissionActs of={row} run={(action) => runAction(row, action)} />
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
