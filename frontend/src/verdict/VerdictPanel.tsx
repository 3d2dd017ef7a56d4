import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { Icon } from "../components/Icon";
import { isFinal } from "../status-updates/statusOrder";
import type { Status } from "../api/types";
import { CompileMessage, type GoTo } from "./CompileMessage";
import { FailureNote } from "./FailureNote";
import { GroupScores } from "./GroupScores";
import { LimitNote } from "./LimitNote";
import { StatusAnnouncer } from "./StatusAnnouncer";
import { TestDetail } from "./TestDetail";
import { TestStrip } from "./TestStrip";
import { PendingStatus } from "./PendingStatus";
import { statusLabel } from "./labels";
import { isPartial, scoreText } from "./score";

/** Loaded on demand, since only accepted submissions show it. */
const RuntimeHistogram = lazy(() => import("./RuntimeHistogram"));

interface Props {
  status: Status;
  goTo?: GoTo | undefined;
  /** Compare the runtime with the best ones of other people; only for an own submission, not for a run. */
  isCompared?: boolean;
}

/** A submission's progress and verdict: test strip, figures, and why it is not accepted. */
export function VerdictPanel({ status, goTo, isCompared = false }: Props) {
  const { text, tone, icon } = statusLabel(status);
  const isCompiled = status.verdict !== "CE";
  const summary = isCompiled ? <VerdictSummary status={status} isCompared={isCompared} /> : null;
  const cause = <Cause status={status} goTo={goTo} />;
  return (
    <section className="verdict-panel" aria-label={t`Verdict`}>
      <StatusAnnouncer status={status} text={text} />
      <p className={`verdict-title tone-${tone}`}>
        <Icon name={icon} />
        {text}
      </p>
      {isCompiled ? <TestStrip status={status} /> : null}
      {CAUSE_FIRST.includes(status.verdict) ? (
        <>
          {cause}
          {summary}
        </>
      ) : (
        <>
          {summary}
          {cause}
        </>
      )}
    </section>
  );
}

/** For these verdicts the cause (first difference, traceback) is shown above time and memory. */
const CAUSE_FIRST: readonly Status["verdict"][] = ["WA", "RTE"];

/** The reason for the verdict: the exceeded limit, the compiler's output, or the first failed test. */
function Cause({ status, goTo }: Pick<Props, "status" | "goTo">) {
  const failing = status.tests?.find((test) => test.verdict !== "AC");
  const shown =
    failing && (typeof failing.input === "string" || typeof failing.output === "string") ? failing : undefined;
  return (
    <>
      <LimitNote status={status} />
      {status.stage === "FAILED" ? (
        <FailureNote status={status} />
      ) : status.reason ? (
        <p className="reason">{status.reason}</p>
      ) : null}
      {status.compile_output ? <CompileMessage text={status.compile_output} goTo={goTo} /> : null}
      {failing && !shown ? <HiddenFailure name={failing.name} detail={failing.detail} /> : null}
      {shown ? (
        <>
          <h2 className="small-title">
            <Trans>Failed on {shown.name}</Trans>
          </h2>
          <TestDetail test={shown} goTo={goTo} hasOwnChecker={status.own_checker} />
        </>
      ) : null}
    </>
  );
}

/** Time and memory, the comparison with other submissions, and the scores of groups. */
function VerdictSummary({ status, isCompared }: { status: Status; isCompared: boolean }) {
  const isSolved = status.verdict === "AC" && !isPartial(status);
  const isRanked = isCompared && status.problem && isSolved && status.cpu_ms !== null;
  return (
    <>
      <div className="verdict-summary">
        {isFinal(status) ? <Figures status={status} /> : <PendingStatus status={status} />}
        {isRanked ? (
          <ErrorBoundary fallback={null}>
            <Suspense fallback={<div className="runtimes runtimes-waiting" />}>
              <RuntimeHistogram
                problem={status.problem ?? ""}
                language={status.language}
                runtime={status.cpu_ms ?? 0}
              />
            </Suspense>
          </ErrorBoundary>
        ) : null}
      </div>
      {status.groups && status.groups.length > 0 ? <GroupScores groups={status.groups} /> : null}
    </>
  );
}

function Figures({ status }: { status: Status }) {
  const passed = status.tests?.filter((test) => test.verdict === "AC").length ?? 0;
  return (
    <dl className="figures">
      <Figure name={t`Runtime`} value={formatMilliseconds(status.cpu_ms)} />
      <Figure name={t`Memory`} value={formatKilobytes(status.memory_kb)} />
      {status.tests_total > 0 ? <Figure name={t`Tests passed`} value={t`${passed} of ${status.tests_total}`} /> : null}
      {status.score === null ? null : <Figure name={t`Score`} value={scoreText(status.score, status.max_score)} />}
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

function HiddenFailure({ name, detail }: { name: string; detail: string | null | undefined }) {
  return (
    <p className="muted">
      {detail ? (
        <Trans>
          Failed on test {name}, whose data is not shown: {detail}
        </Trans>
      ) : (
        <Trans>Failed on test {name}, whose data is not shown.</Trans>
      )}
    </p>
  );
}
