import { moment } from "../furniture/amounts";
import { Empty } from "../furniture/Empty";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { useAudit } from "./queries";

/** Who did what, newest first. */
export function Audit() {
  const audit = useAudit();
  if (audit.isPending) return <Loading what="the audit log" />;
  if (audit.error)
    return <Trouble error={audit.error} what="the audit log" again={() => void audit.refetch()} />;
  return (
    <>
      <h1>Audit log</h1>
      {audit.data.length === 0 ? <Empty title="Nothing has been done yet" /> : null}
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
            {audit.data.map((entry) => (
              <tr key={`${entry.at} ${entry.act} ${entry.subject}`}>
                <td className="when">{moment(entry.at)}</td>
                <td>{entry.account}</td>
                <td>{entry.act}</td>
                <td>{entry.subject}</td>
                <td>
                  <code>{entry.detail ? JSON.stringify(entry.detail) : ""}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}
