import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { formatAge } from "../lib/format";
import type { ProblemFault } from "./types";
import { pathOf } from "./queries";

const SHOWN = 10;

/** The latest submissions that failed because of the problem's programs or files. Shows nothing if there are none. */
export function Faults({ slug }: { slug: string }) {
  const faults = useQuery({
    queryKey: ["admin", "problems", slug, "faults"],
    queryFn: ({ signal }) => call<{ faults: ProblemFault[] }>(`${pathOf(slug)}/faults`, { signal }),
    select: (answer) => answer.faults,
  });
  if (!faults.data?.length) return null;
  return (
    <section aria-labelledby="faults-title">
      <h2 id="faults-title">
        <Trans>Submissions that failed because of the problem</Trans>
      </h2>
      <ul>
        {faults.data.slice(0, SHOWN).map((row) => (
          <li key={row.submission_id}>
            {formatAge(row.at)}, <code>{row.submission_id.slice(-8)}</code>, <code>{row.version.slice(0, 8)}</code>
            <pre className="fault">{row.reason}</pre>
          </li>
        ))}
      </ul>
      {faults.data.length > SHOWN ? (
        <p className="muted">
          <Trans>The newest {SHOWN} are shown.</Trans>
        </p>
      ) : null}
    </section>
  );
}
