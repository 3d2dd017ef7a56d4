import type { Problem } from "../wire/types";

/** The limits, which decide how to solve it, before the text. */
export function Facts({ problem }: { problem: Problem }) {
  const { time, memory } = problem.limits;
  return (
    <dl className="facts">
      <div>
        <dt>Time</dt>
        <dd>{time === null ? "not set yet" : `${time} s`}</dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>{memory} MiB</dd>
      </div>
      {problem.type
        .filter((word) => word !== "pass-fail")
        .map((word) => (
          <div key={word}>
            <dt className="hidden">Kind</dt>
            <dd className="keyword">{word}</dd>
          </div>
        ))}
    </dl>
  );
}
