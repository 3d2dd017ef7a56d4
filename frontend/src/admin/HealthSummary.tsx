import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { formatDateTime, formatDuration } from "../lib/format";
import { tierName } from "../lib/names";
import { useLanguageName } from "../problems/queries";
import { HealthItem } from "./HealthItem";
import { DamagedRedisFiles, DiskItems } from "./StorageHealth";
import { useWorkers } from "./queries";
import type { Queues, Unserved } from "./types";
import { workerSummary } from "./workerSummary";

/** The system's health: queue reachability, outbox, oldest wait, failures, ready workers, disks. */
export function HealthSummary({ queues }: { queues: Queues }) {
  const { reachable, queue_health } = queues;
  const failed = queues.queues.reduce((sum, queue) => sum + queue.failed, 0);
  const oldest = Math.max(0, ...queues.queues.filter(isWaiting).map((queue) => queue.oldest_ms));
  return (
    <>
      {reachable ? null : <QueueUnreachable health={queue_health} />}
      {queues.set_aside && queues.set_aside.total > 0 ? <EntriesSetAside found={queues.set_aside} /> : null}
      {queues.warnings?.map((warning) => (
        <p key={warning} className="error-alert">
          {warning}.
        </p>
      ))}
      {queues.unserved?.length ? <UnservedLanguages found={queues.unserved} /> : null}
      <DamagedRedisFiles files={queues.storage.redis_files_set_aside} />
      <dl className="health" aria-label={t`Health`}>
        <HealthItem name={t`Queue`} isHealthy={reachable} value={reachable ? t`answers` : t`unreachable`} />
        <OutboxItem reachable={reachable} rows={queue_health.outbox} />
        <HealthItem name={t`Oldest waiting`} value={oldest > 0 ? formatDuration(oldest / 1000) : t`none`} />
        <HealthItem name={t`Internal errors`} isHealthy={failed === 0} value={String(failed)} note={t`last hour`} />
        <ReadyWorkers queues={queues} />
        {queues.work_conserving ? <HealthItem name={t`Tiers`} value={t`share idle workers`} /> : null}
        <DiskItems storage={queues.storage} />
      </dl>
    </>
  );
}

function isWaiting(queue: Queues["queues"][number]): boolean {
  return queue.waiting > 0;
}

/** The queue is kept short on purpose. So rows that wait for their turn are no backlog while the queue answers. */
function OutboxItem({ reachable, rows }: { reachable: boolean; rows: number }) {
  if (!reachable)
    return <HealthItem name={t`Outbox`} isHealthy={rows === 0} value={String(rows)} note={t`not sent yet`} />;
  const note = rows > 0 ? plural(rows, { one: "# waits its turn", other: "# wait their turn" }) : undefined;
  return <HealthItem name={t`Outbox`} isHealthy value={t`is sent`} {...(note ? { note } : {})} />;
}

function ReadyWorkers({ queues: { queues, reachable } }: { queues: Queues }) {
  const { ready, draining, lost } = workerSummary(useWorkers().data ?? []);
  if (!reachable) return <HealthItem name={t`Workers`} value={t`not known now`} />;
  const notes = [
    t`ready`,
    draining > 0 ? plural(draining, { one: "# is drained", other: "# are drained" }) : "",
    lost > 0 ? plural(lost, { one: "# lost", other: "# lost" }) : "",
  ];
  return (
    <HealthItem
      name={t`Workers`}
      isHealthy={lost === 0 && queues.every((queue) => queue.workers > 0)}
      value={String(ready)}
      note={notes.filter(Boolean).join(", ")}
    />
  );
}

/**
 * Shows how many unreadable entries of Redis or the database were set aside. No worker of this release writes such an
 * entry of Redis: a worker's credentials were stolen, or there is a fault.
 */
export function EntriesSetAside({ found }: { found: NonNullable<Queues["set_aside"]> }) {
  const { total, latest } = found;
  return (
    <details className="error-alert">
      <summary>
        <Trans>
          <strong>Entries of Redis or the database that were set aside: {total}.</strong> They could not be read, or
          their sender may not write them. Judging goes on.
        </Trans>
      </summary>
      <ul>
        {latest.map((entry) => (
          <li key={`${entry.at} ${entry.key} ${entry.content}`}>
            {formatDateTime(entry.at)} <code>{entry.key}</code>: {entry.reason}
          </li>
        ))}
      </ul>
      <p className="muted">
        <Trans>
          <code>gavel queue</code> shows how their content begins. Redis keeps the last 200 of each source in{" "}
          <code>gavel:set-aside:…</code>.
        </Trans>
      </p>
    </details>
  );
}

/** The languages that no live worker of a tier has, and how many submissions wait for each. */
export function UnservedLanguages({ found }: { found: Unserved[] }) {
  const languageName = useLanguageName();
  return (
    <div className="error-alert" role="alert">
      <strong>
        <Trans>Languages without a worker</Trans>
      </strong>
      <ul>
        {found.map((each) => (
          <li key={`${each.tier} ${each.language}`}>
            <Trans>
              {languageName(each.language)} in the {tierName(each.tier)} queue, since {formatDateTime(each.since)}:{" "}
              <Plural
                value={each.waiting}
                _0="no submission waits"
                one="# submission waits"
                other="# submissions wait"
              />
              .
            </Trans>
          </li>
        ))}
      </ul>
      <p className="muted">
        <Trans>
          Start a worker that has the language. It then judges the waiting submissions. None of them fails meanwhile.
        </Trans>
      </p>
    </div>
  );
}

function QueueUnreachable({ health }: { health: Queues["queue_health"] }) {
  return (
    <p className="error-alert" role="alert">
      <Trans>
        <strong>Queue unreachable since {formatDateTime(health.since)}</strong>, {health.outbox} waiting in the outbox.
        Submissions are still accepted and kept; they are sent when it is back. The numbers below are the database's.
      </Trans>
    </p>
  );
}
