import { Link } from "../lib/routing";
import { EmptyState } from "../components/EmptyState";
import { ErrorAlert } from "../components/ErrorAlert";
import { isFinal } from "../status-updates/statusOrder";
import type { GoTo } from "../verdict/CompileMessage";
import { VerdictPanel } from "../verdict/VerdictPanel";
import type { SubmissionProgress } from "./useSubmit";

export function VerdictPane({ progress, goTo }: { progress: SubmissionProgress; goTo: GoTo }) {
  const { status, error, followError } = progress;
  if (error) return <ErrorAlert error={error} />;
  if (followError) return <ErrorAlert error={new Error(followError)} />;
  if (!status) {
    return progress.isSending ? (
      <p className="pane-note">Sending…</p>
    ) : (
      <EmptyState title="Nothing has been submitted yet">
        <p>Submit judges your program against every test of the problem.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <VerdictPanel status={status} goTo={goTo} isCompared />
      {isFinal(status) ? (
        <p>
          <Link to={`/submissions/${status.id}`}>Every test of this submission</Link>
        </p>
      ) : null}
    </>
  );
}
