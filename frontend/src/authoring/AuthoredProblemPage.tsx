import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { CoAuthors } from "./CoAuthors";
import { Faults } from "./Faults";
import { Rejudging } from "./Rejudging";
import { StateActions } from "./StateActions";
import { StateBadge } from "./StateBadge";
import { VerificationPanel } from "./VerificationPanel";
import { Versions } from "./Versions";
import { useAuthoredProblem, useRejudge } from "./queries";
import type { AuthoredProblem } from "./types";

/** The result of the last act on this page. */
export type Report = (result: { done?: string; error?: Error }) => void;

export function AuthoredProblemPage() {
  const slug = useParams().slug ?? "";
  const problem = useAuthoredProblem(slug);
  usePageTitle(problem.data?.title ?? slug);
  return (
    <div className="wide authoring">
      <p>
        <Link to="/my-problems">
          <Trans>My problems</Trans>
        </Link>
      </p>
      <QueryBoundary query={problem} subject={t`the problem`}>
        {(found) => <Problem key={found.slug} problem={found} />}
      </QueryBoundary>
    </div>
  );
}

function Problem({ problem }: { problem: AuthoredProblem }) {
  const [result, report] = useState<{ done?: string; error?: Error }>({});
  const rejudge = useRejudge(problem.slug);
  return (
    <>
      <Head problem={problem} />
      <div role="status">{result.done ? <p className="done">{result.done}</p> : null}</div>
      {result.error ? <ErrorAlert error={result.error} /> : null}
      <StateActions problem={problem} report={report} rejudge={() => rejudge.mutate(undefined)} />
      <VerificationPanel problem={problem} />
      <Faults slug={problem.slug} />
      <Rejudging problem={problem} rejudge={rejudge} />
      <Versions problem={problem} report={report} />
      <CoAuthors problem={problem} report={report} />
    </>
  );
}

function Head({ problem }: { problem: AuthoredProblem }) {
  const isNewestPublished = problem.version === problem.newest;
  return (
    <>
      <div className="page-head">
        <h1>{problem.title}</h1>
        <StateBadge state={problem.state} />
      </div>
      <p className="muted">
        <code>{problem.slug}</code> ·{" "}
        <Link to={`/problems/${problem.slug}`}>
          <Trans>as solvers see it</Trans>
        </Link>{" "}
        ·{" "}
        <Link to={`/my-problems/${problem.slug}/edit`}>
          <Trans>edit its files</Trans>
        </Link>
      </p>
      <p>
        {problem.state === "published" ? (
          isNewestPublished ? (
            problem.suspended ? (
              <Trans>Everybody sees it.</Trans>
            ) : (
              <Trans>Everybody sees it and may submit to it.</Trans>
            )
          ) : (
            <Trans>
              Version {problem.version.slice(0, 8)} is published. The newest one, {problem.newest.slice(0, 8)}, is a
              draft.
            </Trans>
          )
        ) : problem.state === "archived" ? (
          <Trans>It takes no submissions. Outside of events, only its authors and administrators see it.</Trans>
        ) : (
          <Trans>Outside of events, only its authors and administrators see it.</Trans>
        )}
      </p>
      {problem.suspended && problem.state === "published" ? (
        <p className="tone-bad">
          <Trans>It takes no submissions for now: {problem.suspended}</Trans>
        </p>
      ) : null}
    </>
  );
}
