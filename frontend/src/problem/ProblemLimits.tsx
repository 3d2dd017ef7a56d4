import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { Problem } from "../api/types";
import { formatNumber } from "../lib/format";

/** The time and memory limits, shown above the statement. */
export function ProblemLimits({ problem }: { problem: Problem }) {
  const { time, memory } = problem.limits;
  return (
    <dl className="fact-list">
      <div>
        <dt>
          <Trans>Time</Trans>
        </dt>
        <dd>{time === null ? t`not set yet` : t`${formatNumber(time)} s`}</dd>
      </div>
      <div>
        <dt>
          <Trans>Memory</Trans>
        </dt>
        <dd>
          <Trans>{memory} MiB</Trans>
        </dd>
      </div>
      {problem.type
        .filter((word) => word !== "pass-fail")
        .map((word) => (
          <div key={word}>
            <dt className="visually-hidden">
              <Trans>Kind</Trans>
            </dt>
            <dd className="tag">{word}</dd>
          </div>
        ))}
    </dl>
  );
}
