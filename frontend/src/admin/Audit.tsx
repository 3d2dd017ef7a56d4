import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { DataTable } from "../components/DataTable";
import { useAudit } from "./queries";
import type { AuditEntry } from "./types";

/** The audit log, newest first. */
export function Audit() {
  const audit = useAudit();
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Audit log</Trans>
        </h1>
      </div>
      <QueryBoundary query={audit} subject={t`the audit log`}>
        {(entries) => (
          <>
            {entries.length === 0 ? <EmptyState title={t`Nothing has been done yet`} /> : <Table entries={entries} />}
            <LoadMore paged={audit} title={t`Older entries`} />
          </>
        )}
      </QueryBoundary>
    </>
  );
}

function Table({ entries }: { entries: AuditEntry[] }) {
  return (
    <DataTable
      label={t`Audit log`}
      rows={entries}
      rowKey={(entry) => entry.id}
      columns={[
        { title: t`When`, cell: (entry) => formatDateTime(entry.at), cellClass: "time" },
        { title: t`Who`, cell: (entry) => entry.account ?? "–" },
        { title: t`Did`, cell: (entry) => entry.act },
        { title: t`To`, cell: (entry) => entry.subject ?? "–", cellClass: "subject-cell" },
        { title: t`Detail`, cell: (entry) => <Detail detail={entry.detail} /> },
      ]}
    />
  );
}

function Detail({ detail }: { detail: AuditEntry["detail"] }) {
  if (!detail) return null;
  return (
    <dl className="detail">
      {Object.entries(detail).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? shortenHash(value) : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Shows only the first 12 digits of a package's hash. */
function shortenHash(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}
