import { lazy, Suspense, useState } from "react";
import { Answered } from "../furniture/Answered";
import { HealthStrip } from "./HealthStrip";
import { QueueCard } from "./QueueCard";
import { useQueues } from "./queries";
import { type Measure, series } from "./series";
import { VerdictMix } from "./VerdictMix";
import { WorkerTable } from "./Workers";
import type { Queues } from "./wire";

const Chart = lazy(() => import("./Chart"));
const SPANS = [
  [0.25, "15 minutes"],
  [1, "1 hour"],
  [6, "6 hours"],
  [24, "24 hours"],
] as const;

/** At a glance: does premium wait? */
export function Dashboard() {
  const [hours, setHours] = useState<number>(1);
  const queues = useQueues(hours);
  return (
    <>
      <div className="page-head">
        <h1>Queues</h1>
        <label className="choice">
          <span className="faint">Shown</span>
          <select
            className="input small"
            value={hours}
            onChange={(event) => setHours(Number(event.target.value))}
          >
            {SPANS.map(([span, title]) => (
              <option key={span} value={span}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="glance">
        <Answered asked={queues} what="the queues">
          {(found) => <Glance queues={found} />}
        </Answered>
      </div>
      <h2>Workers</h2>
      <WorkerTable />
    </>
  );
}

function Glance({ queues }: { queues: Queues }) {
  return (
    <>
      <HealthStrip queues={queues} />
      <div className="queue-cards">
        {queues.queues.map((queue) => (
          <QueueCard key={queue.tier} queue={queue} samples={queues.samples} />
        ))}
      </div>
      <div className="charts">
        <Graph queues={queues} measure="waiting" title="Waiting" unit="submissions" />
        <Graph queues={queues} measure="oldest_ms" title="Oldest waits" unit="seconds" />
        <Graph queues={queues} measure="wait_p99_ms" title="Wait, 99th percentile" unit="seconds" />
        <Graph queues={queues} measure="judged" title="Judged a minute" unit="submissions" />
      </div>
      <VerdictMix verdicts={queues.verdicts} />
    </>
  );
}

interface GraphProps {
  queues: Queues;
  measure: Measure;
  title: string;
  unit: string;
}

function Graph({ queues, measure, title, unit }: GraphProps) {
  return (
    <figure className="chart">
      <figcaption>
        {title} <span className="faint">{unit}</span>
      </figcaption>
      <Suspense fallback={<div className="chart-place" />}>
        <Chart lines={series(queues.samples, measure)} label={`${title}, ${unit}`} />
      </Suspense>
    </figure>
  );
}
