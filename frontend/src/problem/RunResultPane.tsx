import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { EmptyState } from "../components/EmptyState";
import { Icon } from "../components/Icon";
import { ErrorAlert } from "../components/ErrorAlert";
import { isFinal } from "../status-updates/statusOrder";
import { CompileMessage, type GoTo } from "../verdict/CompileMessage";
import { StatusAnnouncer } from "../verdict/StatusAnnouncer";
import { PendingStatus } from "../verdict/PendingStatus";
import { runLabel } from "../verdict/labels";
import type { Status } from "../api/types";
import { RunTestTabs } from "./RunTestTabs";
import type { SubmissionProgress } from "./useSubmit";

/** The output of a run, beside the expected output where there is one. */
export function RunResultPane({ progress, goTo }: { progress: SubmissionProgress; goTo: GoTo }) {
  if (progress.error) return <ErrorAlert error={progress.error} />;
  if (progress.followError) return <ErrorAlert error={new Error(progress.followError)} />;
  if (progress.status) return <RunResult status={progress.status} goTo={goTo} />;
  if (progress.isSending)
    return (
      <p className="pane-note">
        <Trans>Sending…</Trans>
      </p>
    );
  return (
    <EmptyState title={t`Nothing has been run yet`}>
      <p>
        <Trans>Run tries your program on the chosen input. It does not count as a submission.</Trans>
      </p>
    </EmptyState>
  );
}

function RunResult({ status, goTo }: { status: Status; goTo: GoTo }) {
  const { text, tone, icon } = runLabel(status);
  const tests = status.tests ?? [];
  return (
    <section className="verdict-panel" aria-label={t`Result of the run`}>
      <StatusAnnouncer status={status} text={text} />
      <p className={`verdict-title tone-${tone}`}>
        <Icon name={icon} />
        {text}
      </p>
      {isFinal(status) ? null : <PendingStatus status={status} />}
      {status.reason ? <p className="reason">{status.reason}</p> : null}
      {status.compile_output ? <CompileMessage text={status.compile_output} goTo={goTo} /> : null}
      {tests.length > 0 ? <RunTestTabs tests={tests} goTo={goTo} hasOwnChecker={status.own_checker} /> : null}
    </section>
  );
}
