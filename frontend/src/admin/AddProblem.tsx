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
    <section className="add-problem" aria-label="Add a problem">
      <div className="add-problem-head">
        <div>
          <strong>Add a problem, or a new version of one</strong>
          <p className="muted">A problem package as a zip. Its top folder is the slug.</p>
        </div>
        <button
          type="button"
          className="button primary"
          disabled={add.isPending}
          onClick={() => file.current?.click()}
        >
          Choose a package
        </button>
        <input
          ref={file}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-label="Problem package"
          accept=".zip,.kpp,application/zip"
          onChange={upload}
        />
      </div>
      {add.isPending ? (
        <p role="status">
          Uploading and checking {add.variables.name} … <progress aria-label="Checking the package" />
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
        {problem.created ? "Added" : "Already on offer in this version"}:{" "}
        <Link to={`/problems/${problem.slug}`}>{problem.slug}</Link>. It is in the audit log.
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
          Verify it now
        </button>
        <RejudgeOlder problem={problem} />
      </div>
    </div>
  );
}

function TimeLimit({ run }: { run: string }) {
  const { status } = useLiveStatus(run);
  return (
    <p className="muted" role="status">
      It names no time limit: one is being found from its accepted submissions.{" "}
      {status ? runLabel(status).text : "In the queue"}.
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
      Rejudge {problem.to_rejudge} that older tests have judged
    </button>
  );
}
