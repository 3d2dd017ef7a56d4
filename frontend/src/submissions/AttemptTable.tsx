import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime, formatMilliseconds } from "../lib/format";
import { TableContainer } from "../components/TableContainer";
import type { Attempt } from "../api/types";

/** The attempts to judge one submission; hidden when there was only one. */
export function AttemptTable({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length < 2) return null;
  return (
    <section aria-labelledby="attempts-title">
      <h2 id="attempts-title">
        <Trans>Attempts</Trans>
      </h2>
      <TableContainer label={t`Attempts`}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <Trans>Attempt</Trans>
              </th>
              <th scope="col">
                <Trans>Worker</Trans>
              </th>
              <th scope="col">
                <Trans>Began</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>Took</Trans>
              </th>
              <th scope="col">
                <Trans>Ended</Trans>
              </th>
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
