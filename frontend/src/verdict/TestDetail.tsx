import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { Interaction } from "../components/Interaction";
import { TextBlock } from "../components/TextBlock";
import type { TestRow } from "../api/types";
import { CompileMessage, type GoTo } from "./CompileMessage";

const OutputDiff = lazy(() => import("./OutputDiff"));

interface Props {
  test: TestRow;
  goTo?: GoTo | undefined;
  /** A program of the problem checks the answers: another output than the shown one may be right. */
  hasOwnChecker?: boolean | undefined;
}

/** One visible test. The cause of a failure comes first: a traceback, a difference, or the checker's message. */
export function TestDetail({ test, goTo, hasOwnChecker = false }: Props) {
  const isCrash = test.verdict === "RTE";
  const isInteractive = typeof test.interaction === "string";
  const differs = typeof test.expected === "string" && test.verdict === "WA" && !hasOwnChecker && !isInteractive;
  const errorOutput = test.stderr ? <CompileMessage text={test.stderr} title={t`Standard error`} goTo={goTo} /> : null;
  const message = test.message ? <TextBlock title={t`The checker says`} text={test.message} /> : null;
  return (
    <div className="test-detail">
      {test.detail && !test.message ? <p>{test.detail}</p> : null}
      {isCrash ? errorOutput : null}
      {differs ? null : message}
      {test.interaction ? <Transcript text={test.interaction} /> : null}
      {differs ? (
        <ErrorBoundary fallback={<Outputs test={test} hasOwnChecker={hasOwnChecker} />}>
          <Suspense fallback={<div className="diff-placeholder" />}>
            <OutputDiff expected={test.expected ?? ""} output={test.output ?? ""} />
          </Suspense>
        </ErrorBoundary>
      ) : (
        <Outputs test={isInteractive ? { ...test, expected: null } : test} hasOwnChecker={hasOwnChecker} />
      )}
      {differs ? message : null}
      {typeof test.input === "string" ? <TextBlock title={t`Input`} text={test.input} /> : null}
      {isCrash ? null : errorOutput}
    </div>
  );
}

/** The conversation of program and judge in a run of the same test. */
function Transcript({ text }: { text: string }) {
  return (
    <figure className="text-block">
      <figcaption>
        <Trans>The interaction</Trans>
      </figcaption>
      <Interaction text={text} />
    </figure>
  );
}

function Outputs({ test, hasOwnChecker }: { test: TestRow; hasOwnChecker: boolean }) {
  const expected = hasOwnChecker ? t`One right output` : t`Expected`;
  return (
    <>
      {typeof test.output === "string" ? <TextBlock title={t`Your output`} text={test.output} /> : null}
      {typeof test.expected === "string" ? <TextBlock title={expected} text={test.expected} /> : null}
    </>
  );
}
