import { tierName, workerStateName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { formatAge, formatDecimal, formatDuration } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { Icon, type IconName } from "../components/Icon";
import { DataTable } from "../components/DataTable";
import { TierBadge } from "../components/TierBadge";
import { useAreWorkersKnown, useDrain, useWorkers } from "./queries";
import type { WorkerRecord } from "./types";
import { isLastOfQueue, replacedWorkers } from "./workerSummary";

export function Workers() {
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Workers</Trans>
        </h1>
      </div>
      <WorkerTable />
    </>
  );
}

/** The registered workers, also those that are lost, and their current submissions. */
export function WorkerTable() {
  const workers = useWorkers();
  const drain = useDrain();
  return (
    <QueryBoundary query={workers} subject={t`the workers`}>
      {(rows) => (rows.length === 0 ? <NoWorkers /> : <Table rows={rows} drain={drain.mutate} />)}
    </QueryBoundary>
  );
}

/** While Redis is down the workers are unknown. */
function NoWorkers() {
  const isReachable = useAreWorkersKnown();
  if (!isReachable) return <EmptyState title={t`The workers are not known while Redis does not answer`} />;
  return (
    <EmptyState title={t`No worker is registered: nothing will be judged`}>
      <p>
        <Trans>
          Start a worker with <code>gavel worker</code>, or look at the logs of the workers that should run.
        </Trans>
      </p>
    </EmptyState>
  );
}

function Table({ rows, drain }: { rows: WorkerRecord[]; drain: (name: string) => void }) {
  const replaced = replacedWorkers(rows);
  return (
    <DataTable
      label={t`Workers`}
      className="worker-table"
      rows={rows}
      rowKey={(worker) => worker.name}
      columns={[
        { title: t`Worker`, cell: (worker) => <Name worker={worker} />, namesRow: true },
        { title: t`Queue`, cell: (worker) => <QueueAndPool worker={worker} /> },
        { title: t`State`, cell: (worker) => <State worker={worker} isReplaced={replaced.has(worker.name)} /> },
        { title: t`Submission`, cell: (worker) => <CurrentSubmission worker={worker} /> },
        { title: t`Heartbeat`, cell: (worker) => formatAge(worker.heartbeat), cellClass: "time" },
        { title: t`Sandbox`, cell: (worker) => <SandboxMode sandbox={worker.sandbox} /> },
        { title: t`Speed`, cell: (worker) => <Speed worker={worker} />, className: "number" },
        { title: t`Versions`, cell: (worker) => <Versions worker={worker} /> },
        { title: t`Judged`, cell: (worker) => <Judged worker={worker} />, className: "number" },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cell: (worker) => <Drain worker={worker} rows={rows} drain={() => drain(worker.name)} />,
        },
      ]}
    />
  );
}

function QueueAndPool({ worker }: { worker: WorkerRecord }) {
  return (
    <>
      <TierBadge tier={worker.queue} />
      {worker.pool && worker.pool !== "default" ? (
        <div className="muted small">
          <Trans>pool {worker.pool}</Trans>
        </div>
      ) : null}
    </>
  );
}

function Name({ worker }: { worker: WorkerRecord }) {
  return (
    <>
      {worker.name}
      <div className="muted small">
        <Trans>
          {worker.host}, process {worker.pid}
        </Trans>
      </div>
    </>
  );
}

function Judged({ worker }: { worker: WorkerRecord }) {
  return (
    <>
      {worker.judged}
      {worker.faults > 0 ? (
        <div className="tone-bad small">
          <Plural value={worker.faults} one="# fault" other="# faults" />
        </div>
      ) : null}
    </>
  );
}

const STATES: Record<WorkerRecord["state"], [tone: string, icon: IconName]> = {
  idle: ["quiet", "check"],
  busy: ["busy", "play"],
  draining: ["slow", "clock"],
  lost: ["bad", "cross"],
};

/** A lost worker that another worker has replaced needs no action. */
function State({ worker, isReplaced }: { worker: WorkerRecord; isReplaced: boolean }) {
  const [tone, icon] = isReplaced ? STATES.idle : (STATES[worker.state] ?? STATES.lost);
  return (
    <>
      <span className={`verdict tone-${tone}`}>
        <Icon name={icon} />
        {isReplaced ? t`replaced` : workerStateName(worker.state)}
      </span>
      <div className="muted small">{worker.reason ?? t`up ${elapsed(worker.since)}`}</div>
    </>
  );
}

function CurrentSubmission({ worker }: { worker: WorkerRecord }) {
  if (!worker.submission) return "–";
  return (
    <>
      <Link to={`/submissions/${worker.submission}`}>{worker.submission.slice(-8)}</Link>
      {worker.submission_since ? (
        <div className="muted small">
          <Trans>for {elapsed(worker.submission_since)}</Trans>
        </div>
      ) : null}
    </>
  );
}

function elapsed(since: string): string {
  return formatDuration(Math.max(0, (Date.now() - Date.parse(since)) / 1000));
}

/** The sandbox mode. When it is opened, it also shows what enforces each limit on that host. */
function SandboxMode({ sandbox }: { sandbox: WorkerRecord["sandbox"] }) {
  const mode = sandbox.mode ?? sandbox.backend ?? "–";
  if (!sandbox.guarantees?.length) return mode;
  return (
    <details className="expandable">
      <summary>{mode}</summary>
      <ul>
        {sandbox.guarantees.map((guarantee) => (
          <li key={guarantee.limit} title={guarantee.note}>
            {guarantee.limit}: {guarantee.enforced_by}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The speed of one core; an older worker does not measure it. */
function Speed({ worker }: { worker: WorkerRecord }) {
  if (!worker.speed) return "–";
  return (
    <>
      {formatDecimal(worker.speed, 2)}
      {worker.outside_band ? (
        <div className="tone-bad small" title={worker.outside_band}>
          <Trans>outside the allowed band</Trans>
        </div>
      ) : null}
    </>
  );
}

/** Gavel's version. When it is opened, it also shows the versions of its runtime. */
function Versions({ worker }: { worker: WorkerRecord }) {
  const { gavel, ...others } = worker.versions;
  const languages = Object.values(worker.languages).filter((language) => language.version).length;
  return (
    <details className="expandable">
      <summary>gavel {gavel ?? "?"}</summary>
      <ul>
        {Object.entries(others).map(([name, version]) => (
          <li key={name}>
            {name} {version}
          </li>
        ))}
        <li>
          <Plural value={languages} one="# language" other="# languages" />
        </li>
      </ul>
    </details>
  );
}

function lastWorkerText({ queue, pool }: WorkerRecord, rows: readonly WorkerRecord[]): string {
  const name = tierName(queue);
  return rows.some((one) => one.queue === queue && one.pool !== pool)
    ? t`It is the last worker of the pool ${pool} of the ${name} queue. When it has stopped, submissions that no other worker may judge wait until another is started.`
    : t`It is the last worker of the ${name} queue. When it has stopped, submissions that no other worker may judge wait until another is started.`;
}

interface DrainProps {
  worker: WorkerRecord;
  rows: readonly WorkerRecord[];
  drain: () => void;
}

function Drain({ worker, rows, drain }: DrainProps) {
  if (worker.state === "draining" || worker.state === "lost") return null;
  return (
    <ConfirmButton
      label={t`Drain`}
      accessibleName={t`Drain ${worker.name}`}
      question={t`Drain ${worker.name}?`}
      consequence={
        isLastOfQueue(worker, rows)
          ? lastWorkerText(worker, rows)
          : t`It finishes its submission, takes no new one and stops. A supervisor may start another in its place.`
      }
      onConfirm={drain}
    />
  );
}
