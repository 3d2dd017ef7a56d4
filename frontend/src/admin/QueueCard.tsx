import { duration, milliseconds } from "../furniture/amounts";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { TierBadge } from "../shell/TierBadge";
import { usePause } from "./queries";
import { latestWaits, throughput } from "./series";
import type { QueueNow, QueueSample } from "./wire";

export function QueueCard({ queue, samples }: { queue: QueueNow; samples: QueueSample[] }) {
  const waits = latestWaits(samples, queue.tier);
  const rate = throughput(samples, queue.tier);
  return (
    <section className="queue-card" aria-label={`${queue.tier} queue`}>
      <header>
        <TierBadge tier={queue.tier} />
        {queue.paused ? <strong className="tone-slow">paused</strong> : null}
        {queue.workers === 0 ? <strong className="tone-bad">no worker</strong> : null}
        <Pause queue={queue} />
      </header>
      <dl>
        <Fact
          name="Waiting"
          value={String(queue.waiting)}
          note={queue.unsent > 0 ? `${queue.unsent} unsent` : ""}
        />
        <Fact name="Running" value={String(queue.running)} note={queue.workers === 1 ? "1 worker" : `${queue.workers} workers`} />
        <Fact name="Oldest waits" value={queue.waiting > 0 ? duration(queue.oldest_ms / 1000) : "–"} />
        <Fact
          name="Wait p50 / p99"
          value={waits ? `${wait(waits.wait_p50_ms)} / ${wait(waits.wait_p99_ms)}` : "–"}
        />
        <Fact name="Judged a minute" value={rate === null ? "–" : rate.toFixed(1)} note="last 2 min" />
        <Fact name="Failed" value={String(queue.failed)} note="ours, last hour" />
      </dl>
    </section>
  );
}

/** Short enough for two beside each other. */
function wait(ms: number | null): string {
  if (ms === null || ms < 10_000) return milliseconds(ms);
  return ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

function Fact({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span>{value}</span> {note ? <small className="faint">{note}</small> : null}
      </dd>
    </div>
  );
}

function Pause({ queue }: { queue: QueueNow }) {
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
      act={() => pause.mutate({ tier: queue.tier, paused: true })}
    />
  );
}
