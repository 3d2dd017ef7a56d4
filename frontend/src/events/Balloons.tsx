import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { useBalloons, useDeliver } from "./queries";
import type { Balloon } from "./types";

/** The problems that members have solved, for the people who bring balloons. */
export function Balloons({ slug }: { slug: string }) {
  const found = useBalloons(slug);
  return (
    <details className="event-form">
      <summary>
        <Trans>Balloons</Trans>
      </summary>
      <QueryBoundary query={found} subject={t`the balloons`}>
        {(all) => (
          <DataTable
            label={t`Balloons`}
            rows={all}
            rowKey={(each) => `${each.member} ${each.problem}`}
            columns={[
              { title: <Trans>Member</Trans>, namesRow: true, cell: (each) => each.member_name },
              { title: <Trans>Affiliation</Trans>, cell: (each) => each.affiliation ?? "–", className: "wide-only" },
              { title: <Trans>Problem</Trans>, cell: (each) => <ProblemOf balloon={each} /> },
              { title: <Trans>Minute</Trans>, cell: (each) => Math.floor(each.seconds / 60), className: "number" },
              {
                title: <Trans>Actions</Trans>,
                hasHiddenTitle: true,
                cell: (each) => <Deliver slug={slug} balloon={each} />,
                cellClass: "actions",
              },
            ]}
          />
        )}
      </QueryBoundary>
    </details>
  );
}

function ProblemOf({ balloon }: { balloon: Balloon }) {
  return (
    <>
      {balloon.colour ? (
        <span className="balloon" style={{ backgroundColor: balloon.colour }} title={balloon.colour} />
      ) : null}
      {balloon.problem}
      {balloon.first ? t` (first)` : ""}
    </>
  );
}

function Deliver({ slug, balloon }: { slug: string; balloon: Balloon }) {
  const deliver = useDeliver(slug);
  const isDelivered = balloon.delivered_at !== null;
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={
          isDelivered
            ? t`Take it back: ${balloon.problem} of ${balloon.member_name} is not delivered`
            : t`${balloon.problem} of ${balloon.member_name} is delivered`
        }
        disabled={deliver.isPending}
        onClick={() => deliver.mutate({ balloon, delivered: !isDelivered })}
      >
        {isDelivered ? <Trans>Take it back</Trans> : <Trans>Delivered</Trans>}
      </button>
      {deliver.error ? <ErrorAlert error={deliver.error} /> : null}
    </>
  );
}
