import { lazy, Suspense } from "react";
import { Block } from "../furniture/Block";
import type { TestRow } from "../wire/types";

const SideBySide = lazy(() => import("./SideBySide"));

/** One test that may be shown: its input, the expected and the actual output, and what was said about it. */
export function TestDetail({ test }: { test: TestRow }) {
  const differs = test.expected !== undefined && test.verdict === "WA";
  return (
    <div className="test-detail">
      {test.detail && !test.message ? <p>{test.detail}</p> : null}
      {differs ? (
        <Suspense fallback={<div className="diff-place" />}>
          <SideBySide expected={test.expected ?? ""} output={test.output ?? ""} />
        </Suspense>
      ) : (
        <Outputs test={test} />
      )}
      {test.message ? <Block title="The checker says" text={test.message} /> : null}
      {test.input === undefined ? null : <Block title="Input" text={test.input} />}
      {test.stderr ? <Block title="Standard error" text={test.stderr} /> : null}
    </div>
  );
}

function Outputs({ test }: { test: TestRow }) {
  return (
    <>
      {test.output === undefined ? null : <Block title="Your output" text={test.output} />}
      {test.expected === undefined ? null : <Block title="Expected" text={test.expected} />}
    </>
  );
}
