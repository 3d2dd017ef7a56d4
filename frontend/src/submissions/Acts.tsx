import { useNavigate } from "../furniture/routing";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { CopyButton } from "../furniture/CopyButton";
import { Trouble } from "../furniture/Trouble";
import { useMe } from "../session/me";
import { keepDraft, rememberLanguage } from "../solving/drafts";
import type { Submission } from "../wire/types";
import { useCancel, useResubmit } from "./queries";

/** What can be done with one submission: pass it on, hand it in again, go on with it, stop it. */
export function Acts({ submission, isDone }: { submission: Submission; isDone: boolean }) {
  const cancel = useCancel();
  return (
    <div className="acts">
      <CopyButton text={`${location.origin}/submissions/${submission.id}`} what="link" label="Copy link" />
      {submission.problem ? <Again submission={submission} problem={submission.problem} /> : null}
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

function Again({ submission, problem }: { submission: Submission; problem: string }) {
  const resubmit = useResubmit();
  const navigate = useNavigate();
  const me = useMe().data;
  const { language, source } = submission;
  const openInEditor = () => {
    rememberLanguage(language);
    keepDraft({ problem, language }, source, "");
    navigate(`/problems/${problem}`);
  };
  const submitAgain = () =>
    resubmit.mutate(
      { problem, language, source },
      { onSuccess: (accepted) => navigate(`/submissions/${accepted.id}`) },
    );
  return (
    <>
      <ConfirmButton
        label="Open in the editor"
        question="Replace your draft?"
        consequence="The source of this submission takes the place of your draft for this problem and language."
        act={openInEditor}
      />
      <ConfirmButton
        label="Submit again"
        question="Submit this source again?"
        consequence={`It is judged anew as a submission of ${me?.name ?? "yours"}, by the problem's present tests.`}
        disabled={resubmit.isPending}
        act={submitAgain}
      />
      {resubmit.error ? <Trouble error={resubmit.error} /> : null}
    </>
  );
}
