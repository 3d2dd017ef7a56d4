import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatAge } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { useProblemFaults } from "./queries";

/** The latest submissions that failed because of a problem's own programs or files, with the reasons. */
export function ProblemFaults({ slug, close }: { slug: string; close: () => void }) {
  const faults = useProblemFaults(slug);
  return (
    <section aria-labelledby="faults-title">
      <h2 id="faults-title">
        <Trans>Faults of {slug}</Trans>
      </h2>
      <QueryBoundary query={faults} subject={t`the faults`}>
        {(rows) => (
          <ul>
            {rows.map((row) => (
              <li key={row.submission_id}>
                {formatAge(row.at)}, <code>{row.submission_id}</code>, <code>{row.version.slice(0, 8)}</code>
                <pre>{row.reason}</pre>
              </li>
            ))}
          </ul>
        )}
      </QueryBoundary>
      <button type="button" className="button small" onClick={close}>
        <Trans>Close</Trans>
      </button>
    </section>
  );
}
