import { t } from "@lingui/core/macro";
import { type KeyboardEvent, useRef, useState } from "react";
import { stepOf } from "../lib/direction";
import type { Status, TestRow } from "../api/types";
import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { isFinal } from "../status-updates/statusOrder";
import { verdictLabel } from "./labels";
import { TestVerdict } from "./VerdictBadge";

const MAX_CELLS = 120;

/** One cell for each test, filled as tests finish; above {@link MAX_CELLS} tests a plain bar is shown. */
export function TestStrip({ status }: { status: Status }) {
  const total = Math.max(status.tests_total, status.tests?.length ?? 0);
  if (total === 0) return <div className="test-strip test-strip-empty" aria-hidden="true" />;
  const tests = status.tests ?? [];
  if (isFinal(status) && tests.length > 0 && total <= MAX_CELLS) return <JudgedStrip tests={tests} total={total} />;
  const done = status.tests?.length ?? status.tests_done;
  return (
    <div
      className={total > MAX_CELLS ? "test-strip test-strip-bar" : "test-strip"}
      role="progressbar"
      aria-label={t`Tests done`}
      aria-valuenow={done}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuetext={t`${done} of ${total} tests`}
    >
      {total > MAX_CELLS ? (
        <span className="test-strip-fill" style={{ width: `${(done / total) * 100}%` }} />
      ) : (
        cells(status, total, done)
      )}
    </div>
  );
}

function cells(status: Status, total: number, done: number) {
  return Array.from({ length: total }, (_, index) => {
    const test = status.tests?.[index];
    const tone = test ? verdictLabel(test.verdict).tone : index < done ? "passed" : "waiting";
    const isNext = index === done && status.stage === "RUNNING";
    return (
      <span
        key={index}
        className={`test-strip-cell tone-${tone}${isNext ? " test-strip-next" : ""}`}
        title={test?.name}
      />
    );
  });
}

/** The cell that a key goes to, if the key is one of this toolbar's keys. */
function goTo(key: string, at: number, last: number): number | undefined {
  const ends: Record<string, number> = { Home: 0, End: last };
  const step = stepOf(key);
  return step ? Math.min(Math.max(at + step, 0), last) : ends[key];
}

/** The cells of judged tests are one Tab stop. Arrow keys go from test to test, and the chosen test is described. */
function JudgedStrip({ tests, total }: { tests: TestRow[]; total: number }) {
  const [chosen, choose] = useState<number | null>(null);
  const strip = useRef<HTMLDivElement>(null);
  const firstFailed = Math.max(
    0,
    tests.findIndex((test) => test.verdict !== "AC"),
  );
  const step = (event: KeyboardEvent) => {
    const next = goTo(event.key, chosen ?? firstFailed, tests.length - 1);
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
    strip.current?.querySelectorAll<HTMLElement>("button")[next]?.focus();
  };
  const test = chosen === null ? undefined : tests[chosen];
  return (
    <>
      <div className="test-strip" role="toolbar" aria-label={t`Tests`} ref={strip} onKeyDown={step}>
        {tests.map((each, index) => (
          <button
            key={each.name}
            type="button"
            className={`test-strip-cell tone-${verdictLabel(each.verdict).tone}`}
            aria-label={`${each.name}: ${verdictLabel(each.verdict).text}`}
            aria-pressed={index === chosen}
            title={each.name}
            tabIndex={index === (chosen ?? firstFailed) ? 0 : -1}
            onClick={() => choose(index)}
          />
        ))}
        {Array.from({ length: total - tests.length }, (_, index) => (
          <span key={index} className="test-strip-cell tone-waiting" />
        ))}
      </div>
      {test ? (
        <p className="test-strip-chosen" role="status">
          {test.name} <TestVerdict verdict={test.verdict} />{" "}
          <span className="muted">
            {formatMilliseconds(test.cpu_ms)} · {formatKilobytes(test.memory_kb)}
            {test.detail ? ` · ${test.detail}` : ""}
          </span>
        </p>
      ) : null}
    </>
  );
}
