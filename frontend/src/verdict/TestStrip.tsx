import { t } from "@lingui/core/macro";
import type { Status } from "../api/types";
import { verdictLabel } from "./labels";

const MAX_CELLS = 120;

/** One cell for each test, filled as tests finish; above {@link MAX_CELLS} tests a plain bar is shown. */
export function TestStrip({ status }: { status: Status }) {
  const total = Math.max(status.tests_total, status.tests?.length ?? 0);
  if (total === 0) return <div className="test-strip test-strip-empty" aria-hidden="true" />;
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
