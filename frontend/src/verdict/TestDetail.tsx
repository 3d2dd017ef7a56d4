import { t } from "@lingui/core/macro";
import { lazy, Suspense } from "react";
import { TextBlock } from "../components/TextBlock";
import type { TestRow } from "../api/types";

const OutputDiff = lazy(() => import("./OutputDiff"));

/** One visible test: its input, expected and actual output, and the checker's message. */
export function TestDetail({ test }: { test: TestRow }) {
  const differs = typeof test.expected === "string" && test.verdict === "WA";
  return (
    <div className="test-detail">
      {test.detail && !test.message ? <p>{test.detail}</p> : null}
      {differs ? (
        <Suspense fallback={<div className="diff-placeholder" />}>
          <OutputDiff expected={test.expected ?? ""} output={test.output ?? ""} />
        </Suspense>
      ) : (
        <Outputs test={test} />
      )}
      {test.message ? <TextBlock title={t`The checker says`} text={test.message} /> : null}
      {typeof test.input === "string" ? <TextBlock title={t`Input`} text={test.input} /> : null}
      {test.stderr ? <TextBlock title={t`Standard error`} text={test.stderr} /> : null}
    </div>
  );
}

function Outputs({ test }: { test: TestRow }) {
  return (
    <>
      {typeof test.output === "string" ? <TextBlock title={t`Your output`} text={test.output} /> : null}
      {typeof test.expected === "string" ? <TextBlock title={t`Expected`} text={test.expected} /> : null}
    </>
  );
}
