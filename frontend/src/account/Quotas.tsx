import { formatKilobytes } from "../lib/format";
import type { CurrentAccount } from "../auth/queries";

/** The account's quotas and their use. */
export function Quotas({ me }: { me: CurrentAccount }) {
  const { unfinished, unfinished_now, source_bytes } = me.quota;
  const { per_minute, per_minute_left, per_day, per_day_left } = me.quota;
  return (
    <section aria-labelledby="quota-title">
      <h2 id="quota-title">Quota</h2>
      <label className="quota">
        <span>
          {unfinished_now} of {unfinished} submissions under way
        </span>
        <meter min={0} max={unfinished} value={unfinished_now} />
      </label>
      <dl className="fact-list">
        <RateQuota what="A minute" count={per_minute} left={per_minute_left} />
        <RateQuota what="A day" count={per_day} left={per_day_left} />
        <div>
          <dt>Longest source</dt>
          <dd>{formatKilobytes(Math.round(source_bytes / 1024))}</dd>
        </div>
      </dl>
    </section>
  );
}

function RateQuota({ what, count, left }: { what: string; count: number | null; left: number | null }) {
  return (
    <div>
      <dt>{what}</dt>
      <dd>{count === null ? "as many as you like" : `${left ?? count} of ${count} submissions left`}</dd>
    </div>
  );
}
