import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { QueryBoundary } from "../components/QueryBoundary";
import { EmptyState } from "../components/EmptyState";
import { Icon } from "../components/Icon";
import { DataTable } from "../components/DataTable";
import { useLanguages } from "../problems/queries";
import type { Language } from "../api/types";
import { useWorkers } from "./queries";
import type { WorkerRecord } from "./types";

/** Each language with the workers' self-test, which compiles and runs a program at their start. */
export function Languages() {
  const languages = useLanguages();
  const workers = (useWorkers().data ?? []).filter((worker) => worker.state !== "lost");
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Languages</Trans>
        </h1>
      </div>
      <QueryBoundary query={languages} subject={t`the languages`}>
        {(rows) =>
          rows.length === 0 ? <EmptyState title={t`No language is set up`} /> : <Table rows={rows} workers={workers} />
        }
      </QueryBoundary>
    </>
  );
}

function Table({ rows, workers }: { rows: Language[]; workers: WorkerRecord[] }) {
  return (
    <DataTable
      label={t`Languages`}
      rows={rows}
      rowKey={(language) => language.id}
      columns={[
        { title: t`Language`, cell: (language) => <Name language={language} />, namesRow: true },
        { title: t`Version`, cell: (language) => language.version ?? "–" },
        { title: t`Self-test`, cell: (language) => <SelfTest language={language} workers={workers} /> },
      ]}
    />
  );
}

function Name({ language }: { language: Language }) {
  return (
    <>
      {language.name} <code className="muted">{language.id}</code>
      {language.note ? <div className="muted small">{language.note}</div> : null}
    </>
  );
}

function SelfTest({ language, workers }: { language: Language; workers: WorkerRecord[] }) {
  const tested = workers.filter((worker) => worker.languages[language.id]);
  const failed = tested.filter((worker) => !worker.languages[language.id]?.version);
  if (tested.length === 0) return <span className="muted">{language.reason ?? t`no worker has tried it`}</span>;
  const passed = tested.length - failed.length;
  const reason = language.reason ?? failed[0]?.languages[language.id]?.reason ?? t`failed`;
  if (passed === 0) {
    return (
      <span className="muted">
        <Trans>not here: {reason}</Trans>
      </span>
    );
  }
  return (
    <>
      <span className={`verdict ${failed.length === 0 ? "tone-good" : "tone-slow"}`}>
        <Icon name={failed.length === 0 ? "check" : "clock"} />
        <Trans>
          passed on {passed} of {tested.length} workers
        </Trans>
      </span>
      {failed.map((worker) => (
        <div key={worker.name} className="muted small">
          {worker.name}: {worker.languages[language.id]?.reason ?? t`failed`}
        </div>
      ))}
    </>
  );
}
