import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type ChangeEvent, useRef } from "react";
import { Link } from "../lib/routing";
import { ErrorAlert } from "../components/ErrorAlert";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { runLabel } from "../verdict/labels";
import { useAddProblem } from "./queries";
import { useRejudgeProblem } from "./useRejudgeProblem";
import type { AddedProblem } from "./types";

/** Uploads a package, lists every error the server finds in it, and offers to verify it. */
export function AddProblem({ verify }: { verify: (slug: string) => void }) {
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
            <Trans>A problem package as a zip. Its top folder is the slug.</Trans>
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
      {add.data ? <AddedProblemReport problem={add.data} verify={verify} /> : null}
    </section>
  );
}

function AddedProblemReport({ problem, verify }: { problem: AddedProblem; verify: (slug: string) => void }) {
  return (
    <div className="added-problem">
      <p role="status">
        {problem.created ? (
          <Trans>
            Added: <Link to={`/problems/${problem.slug}`}>{problem.slug}</Link>. It is in the audit log.
          </Trans>
        ) : (
          <Trans>
            Already on offer in this version: <Link to={`/problems/${problem.slug}`}>{problem.slug}</Link>. It is in the
            audit log.
          </Trans>
        )}
      </p>
      {problem.warnings.length > 0 ? (
        <ul>
          {problem.warnings.map((warning) => (
            <li key={`${warning.file} ${warning.message}`}>
              <code>{warning.file}</code>: {warning.message}
            </li>
          ))}
        </ul>
      ) : null}
      {problem.time_limit_run ? <TimeLimit run={problem.time_limit_run} /> : null}
      <div className="actions">
        <button type="button" className="button small" onClick={() => verify(problem.slug)}>
          <Trans>Verify it now</Trans>
        </button>
        <RejudgeOlder problem={problem} />
      </div>
    </div>
  );
}

function TimeLimit({ run }: { run: string }) {
  const { status } = useLiveStatus(run);
  const state = status ? runLabel(status).text : t`In the queue`;
  return (
    <p className="muted" role="status">
      <Trans>It names no time limit: one is being found from its accepted submissions. {state}.</Trans>
    </p>
  );
}

function RejudgeOlder({ problem }: { problem: AddedProblem }) {
  const rejudge = useRejudgeProblem();
  if (problem.to_rejudge === 0) return null;
  return (
    <button
      type="button"
      className="button small"
      disabled={rejudge.isPending || rejudge.isSuccess}
      onClick={() => rejudge.mutate({ slug: problem.slug, all: false })}
    >
      <Trans>Rejudge {problem.to_rejudge} that older tests have judged</Trans>
    </button>
  );
}
