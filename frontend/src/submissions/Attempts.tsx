import { milliseconds, moment } from "../furniture/amounts";
import { TableFrame } from "../furniture/TableFrame";
import type { Attempt } from "../wire/types";

/** Our tries at one submission; told where there was more than one, since then something of ours broke. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length < 2) return null;
  return (
    <section aria-labelledby="attempts-title">
      <h2 id="attempts-title">Attempts</h2>
      <TableFrame label="Attempts">
        <table>
          <thead>
            <tr>
              <th scope="col">Attempt</th>
              <th scope="col">Worker</th>
              <th scope="col">Began</th>
              <th scope="col" className="number">
                Took
              </th>
              <th scope="col">Ended</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt) => (
              <tr key={attempt.number}>
                <th scope="row">{attempt.number}</th>
                <td>{attempt.worker ?? "–"}</td>
                <td className="when">{moment(attempt.started_at)}</td>
                <td className="number">{milliseconds(took(attempt))}</td>
                <td>{[attempt.ending, attempt.reason].filter(Boolean).join(": ") || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

function took({ started_at, ended_at }: Attempt): number | null {
  return started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : null;
}
