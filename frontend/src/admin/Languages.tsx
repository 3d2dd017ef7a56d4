import { QueryBoundary } from "../components/QueryBoundary";
import { EmptyState } from "../components/EmptyState";
import { Icon } from "../components/Icon";
import { TableContainer } from "../components/TableContainer";
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
        <h1>Languages</h1>
      </div>
      <QueryBoundary query={languages} subject="the languages">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No language is set up" />
          ) : (
            <Table rows={rows} workers={workers} />
          )
        }
      </QueryBoundary>
    </>
  );
}

function Table({ rows, workers }: { rows: Language[]; workers: WorkerRecord[] }) {
  return (
    <TableContainer label="Languages">
      <table>
        <thead>
          <tr>
            <th scope="col">Language</th>
            <th scope="col">Version</th>
            <th scope="col">Self-test</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((language) => (
            <tr key={language.id}>
              <th scope="row">
                {language.name} <code className="muted">{language.id}</code>
              </th>
              <td>{language.version ?? "–"}</td>
              <td>
                <SelfTest language={language} workers={workers} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

function SelfTest({ language, workers }: { language: Language; workers: WorkerRecord[] }) {
  const tested = workers.filter((worker) => worker.languages[language.id]);
  const failed = tested.filter((worker) => !worker.languages[language.id]?.version);
  if (tested.length === 0) return <span className="muted">{language.reason ?? "no worker has tried it"}</span>;
  const passed = tested.length - failed.length;
  if (passed === 0) {
    return (
      <span className="muted">
        not here: {language.reason ?? failed[0]?.languages[language.id]?.reason ?? "failed"}
      </span>
    );
  }
  return (
    <>
      <span className={`verdict ${failed.length === 0 ? "tone-good" : "tone-slow"}`}>
        <Icon name={failed.length === 0 ? "check" : "clock"} />
        passed on {passed} of {tested.length} workers
      </span>
      {failed.map((worker) => (
        <div key={worker.name} className="muted small">
          {worker.name}: {worker.languages[language.id]?.reason ?? "failed"}
        </div>
      ))}
    </>
  );
}
