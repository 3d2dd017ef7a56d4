import { kilobytes, milliseconds } from "../furniture/amounts";
import { Icon } from "../furniture/Icon";
import { isFinal } from "../live/order";
import type { Status } from "../wire/types";
import { CompileMessage, type GoTo } from "./CompileMessage";
import { RuntimeHistogram } from "./RuntimeHistogram";
import { Spoken } from "./Spoken";
import { TestDetail } from "./TestDetail";
import { TestStrip } from "./TestStrip";
import { Waiting } from "./Waiting";
import { describe } from "./words";

interface Props {
  status: Status;
  goTo?: GoTo | undefined;
  /** Show where its runtime stands; not for a run on samples. */
  compared?: boolean;
}

/** A submission from the queue to its verdict: the strip fills while it runs, then says why. */
export function VerdictPanel({ status, goTo, compared = false }: Props) {
  const { text, tone, icon } = describe(status);
  const failing = status.tests?.find((test) => test.verdict !== "AC");
  const shown =
    failing && (failing.input !== undefined || failing.output !== undefined) ? failing : undefined;
  return (
    <section className="verdict-panel" aria-label="Verdict">
      <Spoken status={status} text={text} />
      <p className={`verdict-title tone-${tone}`}>
        <Icon name={icon} />
        {text}
      </p>
      {status.verdict === "CE" ? null : <Course status={status} compared={compared} />}
      {status.reason ? <p className="reason">{status.reason}</p> : null}
      {status.compile_output ? <CompileMessage text={status.compile_output} goTo={goTo} /> : null}
      {failing && !shown ? <HiddenFailure name={failing.name} detail={failing.detail} /> : null}
      {shown ? (
        <>
          <h3>Failed on {shown.name}</h3>
          <TestDetail test={shown} />
        </>
      ) : null}
    </section>
  );
}

/** How it went: the strip, then what it took, and where that stands among everybody's. */
function Course({ status, compared }: { status: Status; compared: boolean }) {
  const isRanked = compared && status.problem && status.verdict === "AC" && status.cpu_ms !== null;
  return (
    <>
      <TestStrip status={status} />
      <div className="course">
        {isFinal(status) ? <Figures status={status} /> : <Waiting status={status} />}
        {isRanked ? (
          <RuntimeHistogram
            problem={status.problem ?? ""}
            language={status.language}
            runtime={status.cpu_ms ?? 0}
          />
        ) : null}
      </div>
    </>
  );
}

function Figures({ status }: { status: Status }) {
  const passed = status.tests?.filter((test) => test.verdict === "AC").length ?? 0;
  return (
    <dl className="figures">
      <Figure name="Runtime" value={milliseconds(status.cpu_ms)} />
      <Figure name="Memory" value={kilobytes(status.memory_kb)} />
      {status.tests_total > 0 ? (
        <Figure name="Tests passed" value={`${passed} of ${status.tests_total}`} />
      ) : null}
      {status.score === null ? null : <Figure name="Score" value={String(status.score)} />}
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function HiddenFailure({ name, detail }: { name: string; detail: string | undefined }) {
  return (
    <p className="faint">
      Failed on test {name}, whose data is not shown{detail ? `: ${detail}` : "."}
    </p>
  );
}
