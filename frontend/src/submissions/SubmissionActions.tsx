import { t } from "@lingui/core/macro";
import { Suspense } from "react";
import { TEXTS_OF_SHARING } from "../lib/catalogs";
import { lazyPage } from "../lib/lazyPage";
import { useNavigate } from "../lib/routing";
import { ConfirmButton } from "../components/ConfirmButton";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { CopyButton } from "../components/CopyButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { useCurrentAccount } from "../auth/queries";
import { saveDraft, saveLanguage } from "../problem/drafts";
import { sendLater } from "../problem/draftSync";
import { programOf } from "../problem/programFiles";
import { isFinal } from "../status-updates/statusOrder";
import type { Status, Submission } from "../api/types";
import { useCancel, useResubmit } from "./queries";

const ShareLink = lazyPage(() => import("../sharing/ShareLink"), TEXTS_OF_SHARING);

interface Props {
  submission: Submission;
  /** The newest status. */
  status: Status;
}

/** Buttons of one submission: copy its link, open it in the editor, submit it again, cancel it. */
export function SubmissionActions({ submission, status }: Props) {
  const cancel = useCancel();
  const isAdmin = useCurrentAccount().data?.role === "admin";
  return (
    <div className="actions">
      <CopyButton text={`${location.origin}/submissions/${submission.id}`} subject={t`link`} label={t`Copy link`} />
      {submission.own && submission.kind === "submission" ? (
        <ErrorBoundary fallback={null}>
          <Suspense fallback={null}>
            <ShareLink id={submission.id} />
          </Suspense>
        </ErrorBoundary>
      ) : null}
      {submission.problem ? <ReuseSource submission={submission} problem={submission.problem} /> : null}
      {mayCancel(submission, status, isAdmin) ? (
        <ConfirmButton
          label={t`Cancel submission`}
          question={t`Cancel this submission?`}
          consequence={t`It will not be judged. This cannot be undone; the source can be submitted again.`}
          disabled={cancel.isPending}
          onConfirm={() => cancel.mutate(submission.id)}
        />
      ) : null}
      {cancel.error ? <ErrorAlert error={cancel.error} /> : null}
    </div>
  );
}

/** Whether the server lets this account cancel. A member cannot cancel a submission to an event once its judging has begun. */
function mayCancel(submission: Submission, status: Status, isAdmin: boolean): boolean {
  if (isFinal(status)) return false;
  const hasBegun = status.attempt > 1 || status.stage === "COMPILING" || status.stage === "RUNNING";
  return isAdmin || (submission.own && !(submission.event && hasBegun));
}

function ReuseSource({ submission, problem }: { submission: Submission; problem: string }) {
  const resubmit = useResubmit();
  const navigate = useNavigate();
  const me = useCurrentAccount().data;
  const { language, source } = submission;
  const event = submission.event?.open && submission.event.problem !== null ? submission.event : null;
  const openInEditor = () => {
    saveLanguage(language);
    const draft = { owner: me?.name ?? "", problem, language };
    saveDraft(draft, source, "");
    sendLater(draft, 0);
    navigate(event ? `/events/${event.slug}/problems/${event.problem}` : `/problems/${problem}`);
  };
  const submitAgain = () =>
    resubmit.mutate(
      { problem, language, ...programOf(submission), ...(event ? { event: event.slug } : {}) },
      { onSuccess: (accepted) => navigate(`/submissions/${accepted.id}`) },
    );
  return (
    <>
      {submission.files ? null : ( // the editor has one file
        <ConfirmButton
          label={t`Open in the editor`}
          question={t`Replace your draft?`}
          consequence={t`The source of this submission takes the place of your draft for this problem and language.`}
          onConfirm={openInEditor}
        />
      )}
      <ConfirmButton
        label={t`Submit again`}
        question={t`Submit this source again?`}
        consequence={t`A new submission of ${me?.name ?? t`yours`} is made. It is judged by the problem's present tests.`}
        disabled={resubmit.isPending}
        onConfirm={submitAgain}
      />
      {resubmit.error ? <ErrorAlert error={resubmit.error} /> : null}
    </>
  );
}
