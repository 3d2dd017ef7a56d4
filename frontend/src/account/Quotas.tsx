import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatKilobytes } from "../lib/format";
import type { CurrentAccount } from "../auth/queries";

/** The account's quotas and their use. */
export function Quotas({ me }: { me: CurrentAccount }) {
  const { unfinished, unfinished_now, source_bytes } = me.quota;
  const { per_minute, per_minute_left, per_day, per_day_left } = me.quota;
  return (
    <section aria-labelledby="quota-title">
      <h2 id="quota-title">
        <Trans>Quota</Trans>
      </h2>
      <label className="quota">
        <span>
          <Trans>
            {unfinished_now} of {unfinished} submissions under way
          </Trans>
        </span>
        <meter min={0} max={unfinished} value={unfinished_now} />
      </label>
      <dl className="fact-list">
        <RateQuota period={t`Per minute`} count={per_minute} left={per_minute_left} />
        <RateQuota period={t`Per day`} count={per_day} left={per_day_left} />
        <div>
          <dt>
            <Trans>Longest source</Trans>
          </dt>
          <dd>{formatKilobytes(Math.round(source_bytes / 1024))}</dd>
        </div>
      </dl>
    </section>
  );
}

function RateQuota({ period, count, left }: { period: string; count: number | null; left: number | null }) {
  return (
    <div>
      <dt>{period}</dt>
      <dd>{count === null ? t`as many as you like` : t`${left ?? count} of ${count} submissions left`}</dd>
    </div>
  );
}
