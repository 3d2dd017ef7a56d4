import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Suspense } from "react";
import { TEXTS_OF_SHARING } from "../lib/catalogs";
import { lazyPage } from "../lib/lazyPage";
import { Link } from "../lib/routing";
import { fieldName } from "../api/errorTexts";
import { EmptyState } from "../components/EmptyState";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { ErrorAlert } from "../components/ErrorAlert";
import { isFinal } from "../status-updates/statusOrder";
import type { GoTo } from "../verdict/CompileMessage";
import { VerdictPanel } from "../verdict/VerdictPanel";
import { isPartial } from "../verdict/score";
import { nameOfFile } from "./programFiles";
import type { SubmissionProgress } from "./useSubmit";

const AfterAccepted = lazyPage(() => import("../sharing/AfterAccepted"), TEXTS_OF_SHARING);

interface Props {
  progress: SubmissionProgress;
  goTo: GoTo;
  /** The files that were uploaded, to name those that the server refuses. */
  files: readonly File[];
  /** In an event nothing leads to other problems, where submissions would not count. */
  isInEvent: boolean;
}

export function VerdictPane({ progress, goTo, files, isInEvent }: Props) {
  const { status, error, followError } = progress;
  if (error) return <ErrorAlert error={error} nameOf={(field) => nameOfFile(field, files) ?? fieldName(field)} />;
  if (followError) return <ErrorAlert error={new Error(followError)} />;
  if (!status) {
    return progress.isSending ? (
      <p className="pane-note">
        <Trans>Sending…</Trans>
      </p>
    ) : (
      <EmptyState title={t`Nothing has been submitted yet`}>
        <p>
          <Trans>Submit judges your program by the problem's tests, also by those that are not shown.</Trans>
        </p>
      </EmptyState>
    );
  }
  const isSolved = status.verdict === "AC" && !isPartial(status);
  return (
    <>
      <VerdictPanel status={status} goTo={goTo} isCompared />
      {isFinal(status) ? (
        <div className="verdict-links">
          <Link to={`/submissions/${status.id}`}>
            <Trans>Every test of this submission</Trans>
          </Link>
          {isSolved && !isInEvent ? (
            <ErrorBoundary fallback={null}>
              <Suspense fallback={null}>
                <AfterAccepted status={status} />
              </Suspense>
            </ErrorBoundary>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
