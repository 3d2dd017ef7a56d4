import { Link } from "react-router";
import { ago } from "../furniture/amounts";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { TierBadge } from "../shell/TierBadge";
import { useDrain, useWorkers } from "./queries";
import type { WorkerCard } from "./wire";

export function Workers() {
  return (
    <>
      <h1>Workers</h1>
      <WorkerTable />
    </>
  );
}

/** Every worker that gives signs of life, and what it is doing. */
export function WorkerTable() {
  const workers = useWorkers();
  const drain = useDrain();
  if (workers.isPending) return <Loading what="the workers" />;
  if (workers.error)
    return <Trouble error={workers.error} what="the workers" again={() => void workers.refetch()} />;
  if (workers.data.length === 0) return <Empty title="No worker is registered: nothing will be judged" />;
  return (
    <>
      {drain.error ? <Trouble error={drain.error} /> : null}
      <TableFrame label="Workers">
        <table>
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">Queue</th>
              <th scope="col">State</th>
              <th scope="col">Submission</th>
              <th scope="col">Heartbeat</th>
              <th scope="col">Sandbox</th>
              <th scope="col" className="number">
                Judged
              </th>
              <th scope="col">
                <span className="hidden">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {workers.data.map((worker) => (
              <Line key={worker.name} worker={worker} drain={() => drain.mutate(worker.name)} />
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

const TONES = { idle: "quiet", busy: "busy", draining: "slow", lost: "bad" } as const;

function Line({ worker, drain }: { worker: WorkerCard; drain: () => void }) {
  return (
    <tr>
      <th scope="row" title={versions(worker)}>
        {worker.name}
        <div className="faint small">
          {worker.host}, process {worker.pid}
        </div>
      </th>
      <td>
        <TierBadge tier={worker.queue} />
      </td>
      <td>
        <strong className={`tone-${TONES[worker.state]}`}>{worker.state}</strong>
        <div className="faint small">{worker.reason ?? `since ${ago(worker.since)}`}</div>
      </td>
      <td>
        {worker.submission ? (
          <Link to={`/submissions/${worker.submission}`}>{worker.submission.slice(-8)}</Link>
        ) : (
          "–"
        )}
      </td>
      <td>{ago(worker.heartbeat)}</td>
      <td>
        <Walls sandbox={worker.sandbox} />
      </td>
      <td className="number">
        {worker.judged}
        {worker.faults > 0 ? <div className="tone-bad small">{worker.faults} faults</div> : null}
      </td>
      <td>
        {worker.state === "draining" ? null : (
          <ConfirmButton
            label="Drain"
            describedAs={`Drain ${worker.name}`}
            question={`Drain ${worker.name}?`}
            consequence="It ends what it is judging, takes nothing new and stops. A supervisor may start another in its place."
            act={drain}
          />
        )}
      </td>
    </tr>
  );
}

/** The mode, and folded below it what enforces each limit on that worker's host. */
function Walls({ sandbox }: { sandbox: WorkerCard["sandbox"] }) {
  const mode = sandbox.mode ?? sandbox.backend ?? "–";
  if (!sandbox.guarantees?.length) return mode;
  return (
    <details>
      <summary>{mode}</summary>
      <ul className="walls small">
        {sandbox.guarantees.map((held) => (
          <li key={held.limit} title={held.note}>
            {held.limit}: {held.enforced_by}
          </li>
        ))}
      </ul>
    </details>
  );
}

function versions(worker: WorkerCard): string {
  return Object.entries(worker.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join("\n");
}
