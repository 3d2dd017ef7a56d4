import { t } from "@lingui/core/macro";
import { Suspense, useRef } from "react";
import { Link, useParams } from "../lib/routing";
import type { EditorHandle } from "../editor/CodeEditor";
import { formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { TEXTS_OF_ADMIN } from "../lib/catalogs";
import { lazyPage } from "../lib/lazyPage";
import { usePageTitle } from "../lib/usePageTitle";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { useLanguageName, useProblems } from "../problems/queries";
import { useCurrentAccount } from "../auth/queries";
import { RequireSignIn } from "../auth/RequireSignIn";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { Loading } from "../components/Loading";
import { NotFound } from "../layout/NotFound";
import { TierBadge } from "../components/TierBadge";
import { TestTable } from "../verdict/TestTable";
import { VerdictPanel } from "../verdict/VerdictPanel";
import { ApiError } from "../api/ApiError";
import type { Submission } from "../api/types";
import { SubmissionActions } from "./SubmissionActions";
import { AttemptTable } from "./AttemptTable";
import { useSubmission } from "./queries";
import { Comments } from "./Comments";
import { SourceView } from "./SourceView";
import "./submissions.css";

const SubmissionCockpit = lazyPage(() => import("../admin/SubmissionCockpit"), TEXTS_OF_ADMIN);

export default function SubmissionPage() {
  usePageTitle(t`Submission`);
  const { id = "" } = useParams();
  return (
    <RequireSignIn reason={t`Sign in to see this submission.`}>
      <SubmissionById id={id} />
    </RequireSignIn>
  );
}

function SubmissionById({ id }: { id: string }) {
  const submission = useSubmission(id);
  if (submission.error instanceof ApiError && [404, 422].includes(submission.error.status))
    return <NotFound subject={t`submission`} />;
  return (
    <div className="wide submission">
      <QueryBoundary query={submission} subject={t`the submission`}>
        {(found) => <Details submission={found} />}
      </QueryBoundary>
    </div>
  );
}

function Details({ submission }: { submission: Submission }) {
  const isAdmin = useCurrentAccount().data?.role === "admin";
  const followed = submission.own || isAdmin ? submission.id : null;
  const status = useLiveStatus(followed, submission).status ?? submission;
  const source = useRef<EditorHandle>(null);
  const languageName = useLanguageName();
  return (
    <>
      <div className="page-head">
        <h1>
          <Title submission={submission} />
        </h1>
        <SubmissionActions submission={submission} status={status} />
      </div>
      <p className="muted">
        {languageName(submission.language)} · <TierBadge tier={submission.queue} /> ·{" "}
        {formatDateTime(submission.submitted_at)}
        {status.compiler ? ` · ${status.compiler}` : ""}
        {typeof status.sandbox?.mode === "string" ? t` · sandbox: ${status.sandbox.mode}` : ""}
      </p>
      <VerdictPanel
        status={status}
        goTo={(line, column) => source.current?.goTo(line, column)}
        isCompared={submission.own && submission.kind === "submission"}
      />
      {isAdmin ? (
        <ErrorBoundary fallback={null}>
          <Suspense fallback={<Loading subject={t`the part for operators`} />}>
            <SubmissionCockpit status={status} />
          </Suspense>
        </ErrorBoundary>
      ) : null}
      {status.tests && status.tests.length > 0 ? <TestTable tests={status.tests} /> : null}
      <SourceView submission={submission} handle={source} />
      {submission.kind === "submission" ? (
        <Comments id={submission.id} goTo={(line, column) => source.current?.goTo(line, column)} />
      ) : null}
      {isAdmin ? null : <AttemptTable attempts={submission.attempts} />}
    </>
  );
}

function Title({ submission }: { submission: Submission }) {
  const problems = useProblems().data;
  if (!submission.problem) return t`Own run`;
  const name = problems?.find((problem) => problem.slug === submission.problem)?.name;
  return <Link to={`/problems/${submission.problem}`}>{name ?? submission.problem}</Link>;
}
