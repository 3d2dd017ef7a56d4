import { tierName } from "../lib/names";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDecimal, formatDuration, formatMilliseconds } from "../lib/format";
import { ConfirmButton } from "../components/ConfirmButton";
import { TierBadge } from "../components/TierBadge";
import { usePause } from "./queries";
import { latestWaits, judgedPerMinute } from "./chartSeries";
import type { QueueState, QueueSample } from "./types";

interface Props {
  queue: QueueState;
  samples: QueueSample[];
  /** Whether Redis answers. While it does not, the workers are unknown. */
  reachable: boolean;
}

export function QueueCard({ queue, samples, reachable }: Props) {
  const waits = latestWaits(samples, queue.tier);
  const name = tierName(queue.tier);
  const rate = judgedPerMinute(samples, queue.tier);
  return (
    <section className="queue-card" aria-label={t`${name} queue`}>
      <header>
        <TierBadge tier={queue.tier} />
        {queue.paused ? (
          <strong className="tone-slow">
            <Trans>paused</Trans>
          </strong>
        ) : null}
        {reachable && queue.workers === 0 ? (
          <strong className="tone-bad">
            <Trans>no worker</Trans>
          </strong>
        ) : null}
        <Pause queue={queue} />
      </header>
      <dl>
        <Figure
          name={t`Waiting`}
          value={String(queue.waiting)}
          note={!reachable && queue.unsent > 0 ? t`${queue.unsent} unsent` : ""}
        />
        <Figure name={t`Running`} value={String(queue.running)} note={reachable ? workersNote(queue) : ""} />
        <Figure name={t`Oldest waits`} value={queue.waiting > 0 ? formatDuration(queue.oldest_ms / 1000) : "–"} />
        <Figure
          name={t`Wait p50 / p99`}
          value={waits ? `${shortWait(waits.wait_p50_ms)} / ${shortWait(waits.wait_p99_ms)}` : "–"}
        />
        <Figure name={t`Judged per minute`} value={rate === null ? "–" : formatDecimal(rate, 1)} note={t`last 2 min`} />
        <Figure name={t`Internal errors`} value={String(queue.failed)} note={t`last hour`} />
      </dl>
    </section>
  );
}

/** The number of workers, and how many of them judge for other tiers now. */
function workersNote({ workers, lent }: QueueState): string {
  const all = plural(workers, { one: "# worker", other: "# workers" });
  return lent ? t`${all}, ${lent} lent` : all;
}

/** A wait in few characters, because a line shows two of them. */
function shortWait(ms: number | null): string {
  if (ms === null || ms < 10_000) return formatMilliseconds(ms);
  return ms < 600_000 ? t`${Math.round(ms / 1000)} s` : t`${Math.round(ms / 60_000)} min`;
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span>{value}</span> {note ? <small className="muted">{note}</small> : null}
      </dd>
    </div>
  );
}

function Pause({ queue }: { queue: QueueState }) {
  const pause = usePause();
  const name = tierName(queue.tier);
  if (queue.paused) {
    return (
      <button
        type="button"
        className="button small primary"
        disabled={pause.isPending}
        onClick={() => pause.mutate({ tier: queue.tier, paused: false })}
      >
        <Trans>Resume {name}</Trans>
      </button>
    );
  }
  return (
    <ConfirmButton
      label={t`Pause ${name}`}
      question={t`Pause the ${name} queue?`}
      consequence={t`Submissions are still accepted, but none of them is judged until the queue is resumed. Running submissions are finished.`}
      disabled={pause.isPending}
      onConfirm={() => pause.mutate({ tier: queue.tier, paused: true })}
    />
  );
}
