import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime } from "../lib/format";
import { tierName } from "../lib/names";
import { Link } from "../lib/routing";
import type { Marker } from "./types";

const SHOWN = 8;

/** The newest moments that the charts mark by a line, such as starts, new releases and pauses. Newest first. */
export function MarkerList({ markers }: { markers: Marker[] }) {
  if (markers.length === 0) return null;
  return (
    <details className="marker-list">
      <summary>
        <Trans>Marked in the charts: {markers.length}</Trans>
      </summary>
      <ol>
        {markers
          .slice(-SHOWN)
          .reverse()
          .map((marker) => (
            <li key={`${marker.at} ${marker.act} ${marker.subject}`}>
              <time dateTime={marker.at}>{formatDateTime(marker.at)}</time> {markerWords(marker)}
            </li>
          ))}
      </ol>
      {markers.length > SHOWN ? (
        <p className="muted small">
          <Trans>
            The newest {SHOWN} are listed. The <Link to="/admin/audit">audit log</Link> has all of them.
          </Trans>
        </p>
      ) : null}
    </details>
  );
}

export function markerWords({ act, subject, by, release, before }: Marker): string {
  const name = subject ?? "";
  if (act === "installation.start") return t`Started again, release ${release ?? "?"}`;
  if (act === "installation.change" && !before) return t`Started for the first time, release ${release ?? "?"}`;
  if (act === "installation.change")
    return before === release
      ? t`Started with other settings, release ${release ?? "?"}`
      : t`Release ${before ?? "?"} was replaced by ${release ?? "?"}`;
  if (act === "queue.pause") return t`The ${tierName(name)} queue was paused by ${by ?? "–"}`;
  if (act === "queue.resume") return t`The ${tierName(name)} queue was resumed by ${by ?? "–"}`;
  if (act === "worker.drain") return t`${name} was drained by ${by ?? "–"}`;
  return t`Maintenance was changed by ${by ?? "–"}`;
}
