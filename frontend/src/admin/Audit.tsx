import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { TableContainer } from "../components/TableContainer";
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
    <TableContainer label={t`Audit log`}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>When</Trans>
            </th>
            <th scope="col">
              <Trans>Who</Trans>
            </th>
            <th scope="col">
              <Trans>Did</Trans>
            </th>
            <th scope="col">
              <Trans>To</Trans>
            </th>
            <th scope="col">
              <Trans>Detail</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className="time">{formatDateTime(entry.at)}</td>
              <td>{entry.account ?? "–"}</td>
              <td>{entry.act}</td>
              <td className="subject-cell">{entry.subject ?? "–"}</td>
              <td>
                <Detail detail={entry.detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableContainer>
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
