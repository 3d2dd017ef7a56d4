import { Answered } from "../furniture/Answered";
import { Empty } from "../furniture/Empty";
import { Icon } from "../furniture/Icon";
import { TableFrame } from "../furniture/TableFrame";
import { useLanguages } from "../problems/queries";
import type { Language } from "../wire/types";
import { useWorkers } from "./queries";
import type { WorkerCard } from "./wire";

/** Each language as the workers found it: its self-test compiles and runs a program at their start. */
export function Languages() {
  const languages = useLanguages();
  const workers = (useWorkers().data ?? []).filter((worker) => worker.state !== "lost");
  return (
    <>
      <div className="page-head">
        <h1>Languages</h1>
      </div>
      <Answered asked={languages} what="the languages">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No language is set up" />
          ) : (
            <Table rows={rows} workers={workers} />
          )
        }
      </Answered>
    </>
  );
}

function Table({ rows, workers }: { rows: Language[]; workers: WorkerCard[] }) {
  return (
    <TableFrame label="Languages">
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
                {language.name} <code className="faint">{language.id}</code>
              </th>
              <td>{language.version ?? "–"}</td>
              <td>
                <SelfTest language={language} workers={workers} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function SelfTest({ language, workers }: { language: Language; workers: WorkerCard[] }) {
  const asked = workers.filter((worker) => worker.languages[language.id]);
  const failed = asked.filter((worker) => !worker.languages[language.id]?.version);
  if (asked.length === 0) return <span className="faint">{language.reason ?? "no worker has tried it"}</span>;
  const passed = asked.length - failed.length;
  if (passed === 0) {
    return (
      <span className="faint">
        not here: {language.reason ?? failed[0]?.languages[language.id]?.reason ?? "failed"}
      </span>
    );
  }
  return (
    <>
      <span className={`verdict ${failed.length === 0 ? "tone-good" : "tone-slow"}`}>
        <Icon name={failed.length === 0 ? "check" : "clock"} />
        passed on {passed} of {asked.length} workers
      </span>
      {failed.map((worker) => (
        <div key={worker.name} className="faint small">
          {worker.name}: {worker.languages[language.id]?.reason ?? "failed"}
        </div>
      ))}
    </>
  );
}
