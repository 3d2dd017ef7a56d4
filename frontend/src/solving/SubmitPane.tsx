import { Link } from "../furniture/routing";
import { Empty } from "../furniture/Empty";
import { Trouble } from "../furniture/Trouble";
import { isFinal } from "../live/order";
import type { GoTo } from "../verdict/CompileMessage";
import { VerdictPanel } from "../verdict/VerdictPanel";
import type { Judging } from "./useSubmit";

export function SubmitPane({ judging, goTo }: { judging: Judging; goTo: GoTo }) {
  const { status, error, lost } = judging;
  if (error) return <Trouble error={error} />;
  if (lost) return <Trouble error={new Error(lost)} />;
  if (!status) {
    return judging.isSending ? (
      <p className="pane-note">Sending…</p>
    ) : (
      <Empty title="Nothing has been submitted yet">
        <p>Submit judges your program against every test of the problem.</p>
      </Empty>
    );
  }
  return (
    <>
      <VerdictPanel status={status} goTo={goTo} compared />
      {isFinal(status) ? (
        <p>
          <Link to={`/submissions/${status.id}`}>Every test of this submission</Link>
        </p>
      ) : null}
    </>
  );
}
