import type { ChangeEvent } from "react";
import { Link } from "react-router";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { useProblems } from "../problems/queries";
import { useAddProblem } from "./queries";
import type { AddedProblem } from "./wire";

/** Adding problems: a package is checked on the server, and every fault of it is told at once. */
export function Problems() {
  const problems = useProblems();
  return (
    <>
      <h1>Problems</h1>
      <AddProblem />
      {problems.isPending ? <Loading what="the problems" /> : null}
      {problems.error ? (
        <Trouble error={problems.error} what="the problems" again={() => void problems.refetch()} />
      ) : null}
      {problems.data ? (
        <ul className="plain-list">
          {problems.data.map((problem) => (
            <li key={problem.slug}>
              <Link to={`/problems/${problem.slug}`}>{problem.name}</Link>{" "}
              <code className="faint">{problem.slug}</code>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function AddProblem() {
  const add = useAddProblem();
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const archive = event.target.files?.[0];
    event.target.value = "";
    if (archive) add.mutate(archive);
  };
  return (
    <section className="add-problem" aria-label="Add a problem">
      <label>
        Problem package (zip; its top folder is the slug)
        <input type="file" accept=".zip,application/zip" onChange={choose} disabled={add.isPending} />
      </label>
      {add.isPending ? (
        <p role="status">
          Uploading and checking {add.variables.name} … <progress aria-label="Checking the package" />
        </p>
      ) : null}
      {add.error ? <Trouble error={add.error} /> : null}
      {add.data ? <Added problem={add.data} /> : null}
    </section>
  );
}

function Added({ problem }: { problem: AddedProblem }) {
  return (
    <div role="status">
      <p>
        {problem.created ? "Added" : "Already on offer in this version"}:{" "}
        <Link to={`/problems/${problem.slug}`}>{problem.slug}</Link>
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
    </div>
  );
}
