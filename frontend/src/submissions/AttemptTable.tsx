import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime, formatMilliseconds } from "../lib/format";
import { DataTable } from "../components/DataTable";
import type { Attempt } from "../api/types";

interface Props {
  attempts: readonly Attempt[];
  /** Whether the table is shown for a single attempt too. */
  showsOne?: boolean;
}

/** The attempts to judge one submission. */
export function AttemptTable({ attempts, showsOne = false }: Props) {
  if (attempts.length < (showsOne ? 1 : 2)) return null;
  return (
    <div>
      <h2>
        <Trans>Attempts</Trans>
      </h2>
      <DataTable
        label={t`Attempts`}
        rows={attempts}
        rowKey={(attempt) => attempt.number}
        columns={[
          { title: t`Attempt`, cell: (attempt) => attempt.number, namesRow: true },
          { title: t`Worker`, cell: (attempt) => attempt.worker ?? "–" },
          { title: t`Began`, cell: (attempt) => formatDateTime(attempt.started_at), cellClass: "time" },
          { title: t`Took`, cell: (attempt) => formatMilliseconds(took(attempt)), className: "number" },
          {
            title: t`Ended`,
            cell: (attempt) => [attempt.ending, attempt.reason].filter(Boolean).join(": ") || "–",
          },
        ]}
      />
    </div>
  );
}

function took({ started_at, ended_at }: Attempt): number | null {
  return started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : null;
}
