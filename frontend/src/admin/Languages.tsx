import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { useLanguages } from "../problems/queries";
import type { Language } from "../wire/types";
import { useWorkers } from "./queries";
import type { WorkerCard } from "./wire";

/** Each language as the workers found it: its self-test compiles and runs a program at their start. */
export function Languages() {
  const languages = useLanguages();
  const workers = useWorkers().data ?? [];
  if (languages.isPending) return <Loading what="the languages" />;
  if (languages.error) return <Trouble error={languages.error} what="the languages" />;
  return (
    <>
      <h1>Languages</h1>
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
            {languages.data.map((language) => (
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
    </>
  );
}

function SelfTest({ language, workers }: { language: Language; workers: WorkerCard[] }) {
  const asked = workers.filter((worker) => worker.languages[language.id]);
  const passed = asked.filter((worker) => worker.languages[language.id]?.version);
  if (asked.length === 0) return <span className="faint">{language.reason ?? "no worker has tried it"}</span>;
  if (passed.length === 0) return <span className="tone-bad">{language.reason ?? "failed"}</span>;
  return (
    <span className={passed.length === asked.length ? "tone-good" : "tone-slow"}>
      passed on {passed.length} of {asked.length} workers
    </span>
  );
}
