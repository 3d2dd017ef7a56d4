import { moment } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { Empty } from "../furniture/Empty";
import { MoreButton } from "../furniture/MoreButton";
import { TableFrame } from "../furniture/TableFrame";
import { useAudit } from "./queries";
import type { AuditEntry } from "./wire";

/** Who did what, newest first. */
export function Audit() {
  const audit = useAudit();
  return (
    <>
      <div className="page-head">
        <h1>Audit log</h1>
      </div>
      <Answered asked={audit} what="the audit log">
        {(entries) => (
          <>
            {entries.length === 0 ? <Empty title="Nothing has been done yet" /> : <Table entries={entries} />}
            <MoreButton paged={audit} title="Older entries" />
          </>
        )}
      </Answered>
    </>
  );
}

function Table({ entries }: { entries: AuditEntry[] }) {
  return (
    <TableFrame label="Audit log">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Did</th>
            <th scope="col">To</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className="when">{moment(entry.at)}</td>
              <td>{entry.account ?? "–"}</td>
              <td>{entry.act}</td>
              <td className="subject">{entry.subject ?? "–"}</td>
              <td>
                <Detail detail={entry.detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Detail({ detail }: { detail: AuditEntry["detail"] }) {
  if (!detail) return null;
  return (
    <dl className="detail">
      {Object.entries(detail).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? shortened(value) : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A package's hash is known by its beginning. */
function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}
