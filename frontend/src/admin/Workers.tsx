import { Link } from "../furniture/routing";
import { ago, duration } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { Icon, type IconName } from "../furniture/Icon";
import { TableFrame } from "../furniture/TableFrame";
import { TierBadge } from "../shell/TierBadge";
import { useDrain, useWorkers } from "./queries";
import type { WorkerCard } from "./wire";

const COLUMNS = ["Worker", "Queue", "State", "Submission", "Heartbeat", "Sandbox", "Versions"] as const;

export function Workers() {
  return (
    <>
      <div className="page-head">
        <h1>Workers</h1>
      </div>
      <WorkerTable />
    </>
  );
}

/** Every worker that gives signs of life or did so lately, and what it is doing. */
export function WorkerTable() {
  const workers = useWorkers();
  const drain = useDrain();
  return (
    <Answered asked={workers} what="the workers">
      {(rows) =>
        rows.length === 0 ? (
          <Empty title="No worker is registered: nothing will be judged">
            <p>
              Start one with <code>gavel worker</code>, or look at the logs of those that should be there.
            </p>
          </Empty>
        ) : (
          <Table rows={rows} drain={drain.mutate} />
        )
      }
    </Answered>
  );
}

function Table({ rows, drain }: { rows: WorkerCard[]; drain: (name: string) => void }) {
  return (
    <TableFrame label="Workers">
      <table className="worker-table">
        <thead>
          <tr>
            {COLUMNS.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
            <th scope="col" className="number">
              Judged
            </th>
            <th scope="col">
              <span className="hidden">Acts</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((worker) => (
            <Line key={worker.name} worker={worker} drain={() => drain(worker.name)} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Line({ worker, drain }: { worker: WorkerCard; drain: () => void }) {
  return (
    <tr>
      <th scope="row">
        {worker.name}
        <div className="faint small">
          {worker.host}, process {worker.pid}
        </div>
      </th>
      <td>
        <TierBadge tier={worker.queue} />
      </td>
      <td>
        <State worker={worker} />
      </td>
      <td>
        <Holds worker={worker} />
      </td>
      <td className="when">{ago(worker.heartbeat)}</td>
      <td>
        <Walls sandbox={worker.sandbox} />
      </td>
      <td>
        <Versions worker={worker} />
      </td>
      <td className="number">
        {worker.judged}
        {worker.faults > 0 ? <div className="tone-bad small">{worker.faults} faults</div> : null}
      </td>
      <td>
        <Drain worker={worker} drain={drain} />
      </td>
    </tr>
  );
}

const STATES: Record<WorkerCard["state"], [tone: string, icon: IconName]> = {
  idle: ["quiet", "check"],
  busy: ["busy", "play"],
  draining: ["slow", "clock"],
  lost: ["bad", "cross"],
};

function State({ worker }: { worker: WorkerCard }) {
  const [tone, icon] = STATES[worker.state] ?? STATES.lost;
  return (
    <>
      <span className={`verdict tone-${tone}`}>
        <Icon name={icon} />
        {worker.state}
      </span>
      <div className="faint small">{worker.reason ?? `up ${lasting(worker.since)}`}</div>
    </>
  );
}

function Holds({ worker }: { worker: WorkerCard }) {
  if (!worker.submission) return "–";
  return (
    <>
      <Link to={`/submissions/${worker.submission}`}>{worker.submission.slice(-8)}</Link>
      {worker.submission_since ? (
        <div className="faint small">for {lasting(worker.submission_since)}</div>
      ) : null}
    </>
  );
}

function lasting(since: string): string {
  return duration(Math.max(0, (Date.now() - Date.parse(since)) / 1000));
}

/** The mode, and folded below it what enforces each limit on that worker's host. */
function Walls({ sandbox }: { sandbox: WorkerCard["sandbox"] }) {
  const mode = sandbox.mode ?? sandbox.backend ?? "–";
  if (!sandbox.guarantees?.length) return mode;
  return (
    <details className="folded">
      <summary>{mode}</summary>
      <ul>
        {sandbox.guarantees.map((held) => (
          <li key={held.limit} title={held.note}>
            {held.limit}: {held.enforced_by}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Our own version at once; what it runs on when it is asked for. */
function Versions({ worker }: { worker: WorkerCard }) {
  const { gavel, ...others } = worker.versions;
  return (
    <details className="folded">
      <summary>gavel {gavel ?? "?"}</summary>
      <ul>
        {Object.entries(others).map(([name, version]) => (
          <li key={name}>
            {name} {version}
          </li>
        ))}
        <li>{Object.values(worker.languages).filter((language) => language.version).length} languages</li>
      </ul>
    </details>
  );
}

function Drain({ worker, drain }: { worker: WorkerCard; drain: () => void }) {
  if (worker.state === "draining" || worker.state === "lost") return null;
  return (
    <ConfirmButton
      label="Drain"
      describedAs={`Drain ${worker.name}`}
      question={`Drain ${worker.name}?`}
      consequence="It ends what it is judging, takes nothing new and stops. A supervisor may start another in its place."
      act={drain}
    />
  );
}
