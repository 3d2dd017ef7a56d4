import { Empty } from "../furniture/Empty";
import { Icon } from "../furniture/Icon";
import { Trouble } from "../furniture/Trouble";
import { isFinal } from "../live/order";
import { CompileMessage, type GoTo } from "../verdict/CompileMessage";
import { Spoken } from "../verdict/Spoken";
import { Waiting } from "../verdict/Waiting";
import { describeRun } from "../verdict/words";
import type { Status } from "../wire/types";
import { RunTests } from "./RunTests";
import type { Judging } from "./useSubmit";

/** What a run printed, beside what was expected where that is known. */
export function RunPane({ judging, goTo }: { judging: Judging; goTo: GoTo }) {
  if (judging.error) return <Trouble error={judging.error} />;
  if (judging.lost) return <Trouble error={new Error(judging.lost)} />;
  if (judging.status) return <Ran status={judging.status} goTo={goTo} />;
  if (judging.isSending) return <p className="pane-note">Sending…</p>;
  return (
    <Empty title="Nothing has been run yet">
      <p>Run tries your program on the chosen input. It does not count as a submission.</p>
    </Empty>
  );
}

function Ran({ status, goTo }: { status: Status; goTo: GoTo }) {
  const { text, tone, icon } = describeRun(status);
  const tests = status.tests ?? [];
  return (
    <section className="verdict-panel" aria-label="Result of the run">
      <Spoken status={status} text={text} />
      <p className={`verdict-title tone-${tone}`}>
        <Icon name={icon} />
        {text}
      </p>
      {isFinal(status) ? null : <Waiting status={status} />}
      {status.reason ? <p className="reason">{status.reason}</p> : null}
      {status.compile_output ? <CompileMessage text={status.compile_output} goTo={goTo} /> : null}
      {tests.length > 0 ? <RunTests tests={tests} /> : null}
    </section>
  );
}
