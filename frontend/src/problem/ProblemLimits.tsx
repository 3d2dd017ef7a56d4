import type { Problem } from "../api/types";

/** The time and memory limits, shown above the statement. */
export function ProblemLimits({ problem }: { problem: Problem }) {
  const { time, memory } = problem.limits;
  return (
    <dl className="fact-list">
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
            <dt className="visually-hidden">Kind</dt>
            <dd className="tag">{word}</dd>
          </div>
        ))}
    </dl>
  );
}
