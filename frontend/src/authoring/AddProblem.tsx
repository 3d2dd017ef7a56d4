import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type ChangeEvent, useRef } from "react";
import { Link } from "../lib/routing";
import { ErrorAlert } from "../components/ErrorAlert";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { runLabel } from "../verdict/labels";
import { useAddProblem } from "./queries";
import type { AddedProblem } from "./types";
import "./authoring.css";

/** Uploads a package as a draft, and lists every error the server finds in it. */
export function AddProblem() {
  const add = useAddProblem();
  const file = useRef<HTMLInputElement>(null);
  const upload = (event: ChangeEvent<HTMLInputElement>) => {
    const archive = event.target.files?.[0];
    event.target.value = "";
    if (archive) add.mutate(archive);
  };
  return (
    <section className="add-problem" aria-label={t`Add a problem`}>
      <div className="add-problem-head">
        <div>
          <strong>
            <Trans>Add a problem, or a new version of one</Trans>
          </strong>
          <p className="muted">
            <Trans>
              A problem package as a zip. Its top folder is the slug. It is a draft until you publish it on its page.
            </Trans>
          </p>
        </div>
        <button type="button" className="button primary" disabled={add.isPending} onClick={() => file.current?.click()}>
          <Trans>Choose a package</Trans>
        </button>
        <input
          ref={file}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={t`Problem package`}
          accept=".zip,.kpp,application/zip"
          onChange={upload}
        />
      </div>
      {add.isPending ? (
        <p role="status">
          <Trans>Uploading and checking {add.variables.name} …</Trans> <progress aria-label={t`Checking the package`} />
        </p>
      ) : null}
      {add.error ? <ErrorAlert error={add.error} /> : null}
      {add.data ? <AddedProblemReport problem={add.data} /> : null}
    </section>
  );
}

function AddedProblemReport({ problem }: { problem: AddedProblem }) {
  const { slug, version } = problem;
  return (
    <div className="added-problem">
      <p role="status">
        {problem.created ? (
          <Trans>
            Added as a draft: <Link to={`/my-problems/${slug}`}>{slug}</Link>, version {version.slice(0, 8)}. Verify and
            publish it on its page.
          </Trans>
        ) : (
          <Trans>
            This version exists already: <Link to={`/my-problems/${slug}`}>{slug}</Link>.
          </Trans>
        )}
      </p>
      {problem.warnings.length > 0 ? (
        <ul>
          {problem.warnings.map((warning) => (
            <li key={`${warning.file} ${warning.message}`}>
              <code>{warning.file}</code>: {warning.key ? `${warning.key}: ` : ""}
              {warning.message}
            </li>
          ))}
        </ul>
      ) : null}
      {problem.time_limit_run ? <TimeLimit run={problem.time_limit_run} /> : null}
    </div>
  );
}

function TimeLimit({ run }: { run: string }) {
  const { status } = useLiveStatus(run);
  const state = status ? runLabel(status).text : t`In the queue`;
  return (
    <p className="muted" role="status">
      <Trans>The package names no time limit. It is being found from the accepted submissions. {state}.</Trans>
    </p>
  );
}
