import { Link, useNavigate, useParams } from "react-router";
import { moment } from "../furniture/amounts";
import { Block } from "../furniture/Block";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { CopyButton } from "../furniture/CopyButton";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { usePageTitle } from "../furniture/usePageTitle";
import { isFinal } from "../live/order";
import { useLiveStatus } from "../live/useLiveStatus";
import { SignInFirst } from "../session/SignInFirst";
import { NotFound } from "../shell/NotFound";
import { keepDraft, rememberLanguage } from "../solving/drafts";
import { TestTable } from "../verdict/TestTable";
import { VerdictPanel } from "../verdict/VerdictPanel";
import { Problem } from "../wire/problem";
import type { Submission } from "../wire/types";
import { useCancel, useSubmission } from "./queries";
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
  if (submission.error)
    return <Trouble error={submission.error} what="the submission" again={() => void submission.refetch()} />;
  if (!submission.data) return <Loading what="the submission" />;
  return <Told submission={submission.data} />;
}

function Told({ submission }: { submission: Submission }) {
  const status = useLiveStatus(submission.id, submission).status ?? submission;
  const mode = status.sandbox?.mode;
  return (
    <div className="wide submission">
      <div className="page-head">
        <h1>
          {submission.problem ? (
            <Link to={`/problems/${submission.problem}`}>{submission.problem}</Link>
          ) : (
            "Own run"
          )}
        </h1>
        <Acts submission={submission} isDone={isFinal(status)} />
      </div>
      <p className="faint">
        {submission.language} · {submission.queue} queue · {moment(submission.submitted_at)}
        {mode ? ` · sandbox: ${mode}` : ""}
      </p>
      <VerdictPanel status={status} compared={submission.kind === "submission"} />
      {status.tests && status.tests.length > 0 ? <TestTable tests={status.tests} /> : null}
      <Block title="Source" text={submission.source} />
    </div>
  );
}

function Acts({ submission, isDone }: { submission: Submission; isDone: boolean }) {
  const cancel = useCancel();
  const navigate = useNavigate();
  const openInEditor = () => {
    if (!submission.problem) return;
    rememberLanguage(submission.language);
    keepDraft({ problem: submission.problem, language: submission.language }, submission.source, "");
    navigate(`/problems/${submission.problem}`);
  };
  return (
    <div className="acts">
      <CopyButton text={`${location.origin}/submissions/${submission.id}`} what="link" />
      {submission.problem ? (
        <ConfirmButton
          label="Open in the editor"
          question="Replace your draft?"
          consequence="The source of this submission takes the place of your draft for this problem and language."
          act={openInEditor}
        />
      ) : null}
      {isDone ? null : (
        <ConfirmButton
          label="Cancel submission"
          question="Cancel this submission?"
          consequence="It will not be judged. This cannot be undone; the source can be submitted again."
          disabled={cancel.isPending}
          act={() => cancel.mutate(submission.id)}
        />
      )}
      {cancel.error ? <Trouble error={cancel.error} /> : null}
    </div>
  );
}
