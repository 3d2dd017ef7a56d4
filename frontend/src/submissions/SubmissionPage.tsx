import { useRef } from "react";
import { Link, useParams } from "../furniture/routing";
import type { EditorHandle } from "../editor/CodeEditor";
import { moment } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { usePageTitle } from "../furniture/usePageTitle";
import { isFinal } from "../live/order";
import { useLiveStatus } from "../live/useLiveStatus";
import { useProblems } from "../problems/queries";
import { SignInFirst } from "../session/SignInFirst";
import { NotFound } from "../shell/NotFound";
import { TierBadge } from "../shell/TierBadge";
import { TestTable } from "../verdict/TestTable";
import { VerdictPanel } from "../verdict/VerdictPanel";
import { Problem } from "../wire/problem";
import type { Submission } from "../wire/types";
import { Acts } from "./Acts";
import { Attempts } from "./Attempts";
import { useSubmission } from "./queries";
import { SourceView } from "./SourceView";
import "./submissions.css";

export default function SubmissionPage() {
  usePageTitle("Submission");
  const { id = "" } = useParams();
  return (
    <SignInFirst why="Sign in to see this submission.">
      <OneSubmission id={id} />
    </SignInFirst>
  );
}

function OneSubmission({ id }: { id: string }) {
  const submission = useSubmission(id);
  if (submission.error instanceof Problem && [404, 422].includes(submission.error.status))
    return <NotFound what="submission" />;
  return (
    <div className="wide submission">
      <Answered asked={submission} what="the submission">
        {(found) => <Told submission={found} />}
      </Answered>
    </div>
  );
}

function Told({ submission }: { submission: Submission }) {
  const status = useLiveStatus(submission.id, submission).status ?? submission;
  const source = useRef<EditorHandle>(null);
  return (
    <>
      <div className="page-head">
        <h1>
          <Title submission={submission} />
        </h1>
        <Acts submission={submission} isDone={isFinal(status)} />
      </div>
      <p className="faint">
        {submission.language} · <TierBadge tier={submission.queue} /> · {moment(submission.submitted_at)}
        {status.sandbox?.mode ? ` · sandbox: ${status.sandbox.mode}` : ""}
      </p>
      <VerdictPanel
        status={status}
        goTo={(line, column) => source.current?.goTo(line, column)}
        compared={submission.kind === "submission"}
      />
      {status.tests && status.tests.length > 0 ? <TestTable tests={status.tests} /> : null}
      <SourceView submission={submission} handle={source} />
      <Attempts attempts={submission.attempts} />
    </>
  );
}

function Title({ submission }: { submission: Submission }) {
  const problems = useProblems().data;
  if (!submission.problem) return "Own run";
  const name = problems?.find((problem) => problem.slug === submission.problem)?.name;
  return <Link to={`/problems/${submission.problem}`}>{name ?? submission.problem}</Link>;
}
