import { duration, moment } from "../furniture/amounts";
import { useWorkers } from "./queries";
import type { Queues } from "./wire";

/** Is the house well: the queue's reach, what is kept back, what failed, who is there to judge. */
export function HealthStrip({ queues }: { queues: Queues }) {
  const { reachable, queue_health } = queues;
  const failed = queues.queues.reduce((sum, queue) => sum + queue.failed, 0);
  const oldest = Math.max(0, ...queues.queues.filter(isWaiting).map((queue) => queue.oldest_ms));
  return (
    <>
      {reachable ? null : <Unreachable health={queue_health} />}
      <dl className="health" aria-label="Health">
        <Sign name="Queue" isWell={reachable} value={reachable ? "answers" : "unreachable"} />
        <Sign
          name="Outbox"
          isWell={reachable || queue_health.outbox === 0}
          value={String(queue_health.outbox)}
          note="not sent yet"
        />
        <Sign name="Oldest waiting" value={oldest > 0 ? duration(oldest / 1000) : "none"} />
        <Sign name="Failed" isWell={failed === 0} value={String(failed)} note="ours, last hour" />
        <Ready />
      </dl>
    </>
  );
}

function isWaiting(queue: Queues["queues"][number]): boolean {
  return queue.waiting > 0;
}

function Ready() {
  const workers = useWorkers().data ?? [];
  const ready = workers.filter((worker) => worker.state === "idle" || worker.state === "busy").length;
  return (
    <Sign
      name="Workers"
      isWell={ready > 0 && ready === workers.length}
      value={`${ready} of ${workers.length}`}
      note="ready"
    />
  );
}

interface SignProps {
  name: string;
  value: string;
  note?: string;
  isWell?: boolean;
}

function Sign({ name, value, note, isWell }: SignProps) {
  const tone = isWell === undefined ? "" : isWell ? "sign-well" : "sign-ill";
  return (
    <div className={tone}>
      <dt>{name}</dt>
      <dd>
        {value} {note ? <small className="faint">{note}</small> : null}
        {isWell === false ? <span className="hidden">, needs a look</span> : null}
      </dd>
    </div>
  );
}

function Unreachable({ health }: { health: Queues["queue_health"] }) {
  return (
    <p className="trouble" role="alert">
      <strong>Queue unreachable since {moment(health.since)}</strong>, {health.outbox} waiting in the outbox.
      Submissions are still accepted and kept; they are sent when it is back. The numbers below are the
      database's.
    </p>
  );
}
