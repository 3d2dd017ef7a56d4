import { formatDuration, formatMilliseconds } from "../lib/format";
import { ConfirmButton } from "../components/ConfirmButton";
import { TierBadge } from "../components/TierBadge";
import { usePause } from "./queries";
import { latestWaits, judgedPerMinute } from "./chartSeries";
import type { QueueState, QueueSample } from "./types";

export function QueueCard({ queue, samples }: { queue: QueueState; samples: QueueSample[] }) {
  const waits = latestWaits(samples, queue.tier);
  const rate = judgedPerMinute(samples, queue.tier);
  return (
    <section className="queue-card" aria-label={`${queue.tier} queue`}>
      <header>
        <TierBadge tier={queue.tier} />
        {queue.paused ? <strong className="tone-slow">paused</strong> : null}
        {queue.workers === 0 ? <strong className="tone-bad">no worker</strong> : null}
        <Pause queue={queue} />
      </header>
      <dl>
        <Figure
          name="Waiting"
          value={String(queue.waiting)}
          note={queue.unsent > 0 ? `${queue.unsent} unsent` : ""}
        />
        <Figure name="Running" value={String(queue.running)} note={queue.workers === 1 ? "1 worker" : `${queue.workers} workers`} />
        <Figure name="Oldest waits" value={queue.waiting > 0 ? formatDuration(queue.oldest_ms / 1000) : "–"} />
        <Figure
          name="Wait p50 / p99"
          value={waits ? `${shortWait(waits.wait_p50_ms)} / ${shortWait(waits.wait_p99_ms)}` : "–"}
        />
        <Figure name="Judged a minute" value={rate === null ? "–" : rate.toFixed(1)} note="last 2 min" />
        <Figure name="Internal errors" value={String(queue.failed)} note="last hour" />
      </dl>
    </section>
  );
}

/** Short, since two of them share a line. */
function shortWait(ms: number | null): string {
  if (ms === null || ms < 10_000) return formatMilliseconds(ms);
  return ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
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
  if (queue.paused) {
    return (
      <button
        type="button"
        className="button small primary"
        disabled={pause.isPending}
        onClick={() => pause.mutate({ tier: queue.tier, paused: false })}
      >
        Resume {queue.tier}
      </button>
    );
  }
  return (
    <ConfirmButton
      label={`Pause ${queue.tier}`}
      question={`Pause the ${queue.tier} queue?`}
      consequence="Submissions are still accepted, but none of them is judged until the queue is resumed. What runs now runs to its end."
      disabled={pause.isPending}
      onConfirm={() => pause.mutate({ tier: queue.tier, paused: true })}
    />
  );
}
