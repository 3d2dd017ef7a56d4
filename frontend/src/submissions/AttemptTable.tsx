import { formatDateTime, formatMilliseconds } from "../lib/format";
import { TableContainer } from "../components/TableContainer";
import type { Attempt } from "../api/types";

/** The attempts to judge one submission; hidden when there was only one. */
export function AttemptTable({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length < 2) return null;
  return (
    <section aria-labelledby="attempts-title">
      <h2 id="attempts-title">Attempts</h2>
      <TableContainer label="Attempts">
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
                <td className="time">{formatDateTime(attempt.started_at)}</td>
                <td className="number">{formatMilliseconds(took(attempt))}</td>
                <td>{[attempt.ending, attempt.reason].filter(Boolean).join(": ") || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableContainer>
    </section>
  );
}

function took({ started_at, ended_at }: Attempt): number | null {
  return started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : null;
}
