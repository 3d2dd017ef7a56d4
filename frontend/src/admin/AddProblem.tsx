import { type ChangeEvent, useRef } from "react";
import { Link } from "../furniture/routing";
import { Trouble } from "../furniture/Trouble";
import { useLiveStatus } from "../live/useLiveStatus";
import { describeRun } from "../verdict/words";
import { useAddProblem } from "./queries";
import { useRejudgeProblem } from "./useRejudgeProblem";
import type { AddedProblem } from "./wire";

/** A package is checked on the server, and every fault of it is told at once; then it can be verified. */
export function AddProblem({ verify }: { verify: (slug: string) => void }) {
  const add = useAddProblem();
  const file = useRef<HTMLInputElement>(null);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const archive = event.target.files?.[0];
    event.target.value = "";
    if (archive) add.mutate(archive);
  };
  return (
    <section className="add-problem" aria-label="Add a problem">
      <div className="add-head">
        <div>
          <strong>Add a problem, or a new version of one</strong>
          <p className="faint">A problem package as a zip. Its top folder is the slug.</p>
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
          className="hidden"
          tabIndex={-1}
          aria-label="Problem package"
          accept=".zip,.kpp,application/zip"
          onChange={choose}
        />
      </div>
      {add.isPending ? (
        <p role="status">
          Uploading and checking {add.variables.name} … <progress aria-label="Checking the package" />
        </p>
      ) : null}
      {add.error ? <Trouble error={add.error} /> : null}
      {add.data ? <Added problem={add.data} verify={verify} /> : null}
    </section>
  );
}

function Added({ problem, verify }: { problem: AddedProblem; verify: (slug: string) => void }) {
  return (
    <div className="added">
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
      <div className="acts">
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
    <p className="faint" role="status">
      It names no time limit: one is being found from its accepted submissions.{" "}
      {status ? describeRun(status).text : "In the queue"}.
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
