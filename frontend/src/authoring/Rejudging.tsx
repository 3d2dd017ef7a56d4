import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { DataTable } from "../components/DataTable";
import { TestVerdict } from "../verdict/VerdictBadge";
import { verdictLabel } from "../verdict/labels";
import type { Verdict } from "../api/types";
import { type useRejudge, useTouched, useVerdicts } from "./queries";
import type { AuthoredProblem, Judged, Rejudged } from "./types";

interface Props {
  problem: AuthoredProblem;
  rejudge: ReturnType<typeof useRejudge>;
}

/** The submissions that were judged by other tests, and the new verdicts of those that were judged again. */
export function Rejudging({ problem, rejudge }: Props) {
  const count = problem.to_rejudge;
  const begun = rejudge.data ?? [];
  if (count === 0 && begun.length === 0 && !rejudge.error) return null;
  return (
    <section aria-labelledby="rejudging-title">
      <h2 id="rejudging-title">
        <Trans>Judged by other tests</Trans>
      </h2>
      {rejudge.error ? <ErrorAlert error={rejudge.error} /> : null}
      {count > 0 ? <Waiting problem={problem} rejudge={rejudge} /> : null}
      {begun.length > 0 ? <Compared slug={problem.slug} begun={begun} /> : null}
    </section>
  );
}

function Waiting({ problem, rejudge }: Props) {
  const [isShown, setIsShown] = useState(false);
  const touched = useTouched(problem.slug, isShown);
  const count = problem.to_rejudge;
  const isOffered = problem.state === "published" && problem.version === problem.newest;
  return (
    <>
      <p>
        {plural(count, {
          one: "# submission was judged by tests or limits that differ from those of the newest version.",
          other: "# submissions were judged by tests or limits that differ from those of the newest version.",
        })}
      </p>
      <div className="actions">
        <button type="button" className="button small" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
          <Trans>Show these submissions</Trans>
        </button>
        {isOffered ? (
          <ConfirmButton
            label={t`Rejudge ${count}`}
            question={t`Judge these submissions again?`}
            consequence={t`They are judged after all other submissions. Each verdict stands until the new one is there.`}
            disabled={rejudge.isPending}
            onConfirm={() => rejudge.mutate(undefined)}
          />
        ) : (
          <span className="muted">
            <Trans>Publish the newest version to judge them again.</Trans>
          </span>
        )}
      </div>
      {isShown ? (
        <QueryBoundary query={touched} subject={t`the submissions`}>
          {(found) => (
            <>
              <DataTable
                label={t`Submissions judged by other tests`}
                rows={found.submissions}
                rowKey={({ id }) => id}
                columns={[
                  { title: t`Submission`, cell: ({ id }) => <code>{id.slice(-8)}</code>, namesRow: true },
                  { title: t`Account`, cell: ({ account }) => account ?? "–" },
                  { title: t`Verdict`, cell: ({ verdict }) => <PastVerdict verdict={verdict} /> },
                ]}
              />
              <Rest all={found.total} shown={found.submissions.length} />
            </>
          )}
        </QueryBoundary>
      ) : null}
    </>
  );
}

function Compared({ slug, begun }: { slug: string; begun: Rejudged[] }) {
  const ids = begun.map(({ id }) => id);
  const now = useVerdicts(slug, ids).data ?? new Map<string, Judged>();
  const shown = begun.slice(0, 100);
  const isOpen = (id: string) => now.get(id)?.open ?? true;
  const waiting = shown.filter(({ id }) => isOpen(id)).length;
  const changed = shown.filter(({ id, before }) => !isOpen(id) && now.get(id)?.verdict !== before).length;
  return (
    <>
      <p role="status">
        <Trans>
          {changed} changed, {shown.length - waiting - changed} as before, {waiting} under way.
        </Trans>
      </p>
      <DataTable
        label={t`Rejudged submissions`}
        rows={shown}
        rowKey={({ id }) => id}
        columns={[
          { title: t`Submission`, cell: ({ id }) => <code>{id.slice(-8)}</code>, namesRow: true },
          { title: t`Account`, cell: ({ account }) => account ?? "–" },
          { title: t`Before`, cell: ({ before }) => <PastVerdict verdict={before} /> },
          {
            title: t`Now`,
            cell: ({ id }) =>
              isOpen(id) ? (
                <span className="muted">
                  <Trans>being judged again</Trans>
                </span>
              ) : (
                <PastVerdict verdict={now.get(id)?.verdict ?? null} />
              ),
          },
        ]}
      />
      <Rest all={begun.length} shown={shown.length} />
    </>
  );
}

/** Says that a list does not show all. */
function Rest({ all, shown }: { all: number; shown: number }) {
  if (all <= shown) return null;
  return (
    <p className="muted">
      <Trans>The first {shown} are shown.</Trans>
    </p>
  );
}

function PastVerdict({ verdict }: { verdict: string | null }) {
  return verdict === null ? verdictLabel("FAILED").text : <TestVerdict verdict={verdict as Verdict} />;
}
