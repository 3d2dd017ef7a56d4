import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { QueryBoundary } from "../components/QueryBoundary";
import { MarkerList } from "./MarkerList";
import { MaintenanceForm } from "./MaintenanceForm";
import { HealthSummary } from "./HealthSummary";
import { QueueCard } from "./QueueCard";
import { useQueues } from "./queries";
import { chartSeries, type Measure } from "./chartSeries";
import { VerdictShares } from "./VerdictShares";
import { WorkerTable } from "./Workers";
import type { Queues } from "./types";

const Chart = lazy(() => import("./Chart"));
const SPANS = [
  [0.25, msg`15 minutes`],
  [1, msg`1 hour`],
  [6, msg`6 hours`],
  [24, msg`24 hours`],
] as const;

/** The state and the charts of the queues. They show whether premium waits. */
export function Dashboard() {
  const [hours, setHours] = useState<number>(1);
  const queues = useQueues(hours);
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Queues</Trans>
        </h1>
        <label className="select-field">
          <span className="muted">
            <Trans>Shown</Trans>
          </span>
          <select className="input small" value={hours} onChange={(event) => setHours(Number(event.target.value))}>
            {SPANS.map(([span, title]) => (
              <option key={span} value={span}>
                {i18n._(title)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="dashboard">
        <QueryBoundary query={queues} subject={t`the queues`}>
          {(found) => <QueueOverview queues={found} />}
        </QueryBoundary>
      </div>
      <h2>
        <Trans>Workers</Trans>
      </h2>
      <WorkerTable />
      <MaintenanceForm />
    </>
  );
}

function QueueOverview({ queues }: { queues: Queues }) {
  return (
    <>
      <HealthSummary queues={queues} />
      <div className="queue-cards">
        {queues.queues.map((queue) => (
          <QueueCard key={queue.tier} queue={queue} samples={queues.samples} reachable={queues.reachable} />
        ))}
      </div>
      <div className="charts">
        <QueueChart queues={queues} measure="waiting" title={t`Waiting`} unit={t`submissions`} />
        <QueueChart queues={queues} measure="oldest_ms" title={t`Oldest waits`} unit={t`seconds`} />
        <QueueChart queues={queues} measure="wait_p99_ms" title={t`Wait, 99th percentile`} unit={t`seconds`} />
        <QueueChart queues={queues} measure="judged" title={t`Judged per minute`} unit={t`submissions`} />
      </div>
      <MarkerList markers={queues.markers} />
      <VerdictShares verdicts={queues.verdicts} />
    </>
  );
}

interface QueueChartProps {
  queues: Queues;
  measure: Measure;
  title: string;
  unit: string;
}

function QueueChart({ queues, measure, title, unit }: QueueChartProps) {
  return (
    <figure className="chart">
      <figcaption>
        {title} <span className="muted">{unit}</span>
      </figcaption>
      <ErrorBoundary fallback={null}>
        <Suspense fallback={<div className="chart-container" />}>
          <Chart
            series={chartSeries(
              queues.samples,
              measure,
              queues.queues.map(({ tier }) => tier),
            )}
            markers={queues.markers.map(({ at }) => Date.parse(at) / 1000)}
            isCount={measure === "waiting" || measure === "judged"}
            label={`${title}, ${unit}`}
          />
        </Suspense>
      </ErrorBoundary>
    </figure>
  );
}
