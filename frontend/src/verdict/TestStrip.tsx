import type { Status } from "../wire/types";
import { VERDICTS } from "./words";

const SHOWN = 120;

/** One cell a test, filled as the tests are done; above {@link SHOWN} tests a plain bar says the same. */
export function TestStrip({ status }: { status: Status }) {
  const total = Math.max(status.tests_total, status.tests?.length ?? 0);
  if (total === 0) return <div className="strip strip-waiting" aria-hidden="true" />;
  const done = status.tests?.length ?? status.tests_done;
  return (
    <div
      className={total > SHOWN ? "strip strip-bar" : "strip"}
      role="progressbar"
      aria-label="Tests done"
      aria-valuenow={done}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuetext={`${done} of ${total} tests`}
    >
      {total > SHOWN ? (
        <span className="strip-fill" style={{ width: `${(done / total) * 100}%` }} />
      ) : (
        cells(status, total, done)
      )}
    </div>
  );
}

function cells(status: Status, total: number, done: number) {
  return Array.from({ length: total }, (_, place) => {
    const test = status.tests?.[place];
    const tone = test ? VERDICTS[test.verdict].tone : place < done ? "passed" : "waiting";
    const isNext = place === done && status.stage === "RUNNING";
    return (
      <span
        key={place}
        className={`strip-cell tone-${tone}${isNext ? " strip-next" : ""}`}
        title={test?.name}
      />
    );
  });
}
