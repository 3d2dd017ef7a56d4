import { Link } from "../furniture/routing";
import { percent } from "../furniture/amounts";
import { Icon } from "../furniture/Icon";
import { TableFrame } from "../furniture/TableFrame";
import type { ProblemLine } from "../wire/types";

export function ProblemTable({ problems }: { problems: ProblemLine[] }) {
  const hasDifficulty = problems.some((problem) => problem.difficulty);
  const hasRate = problems.some((problem) => problem.acceptance_rate !== undefined);
  return (
    <TableFrame label="Problems">
      <table className="problem-table">
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden">Solved</span>
            </th>
            <th scope="col">Problem</th>
            <th scope="col" className="on-wide">
              Tags
            </th>
            {hasDifficulty ? <th scope="col">Difficulty</th> : null}
            {hasRate ? (
              <th scope="col" className="number">
                Acceptance
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {problems.map((problem) => (
            <Line key={problem.slug} problem={problem} hasDifficulty={hasDifficulty} hasRate={hasRate} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

interface LineProps {
  problem: ProblemLine;
  hasDifficulty: boolean;
  hasRate: boolean;
}

function Line({ problem, hasDifficulty, hasRate }: LineProps) {
  return (
    <tr>
      <td className="mark">
        <Mark mark={problem.mark ?? null} />
      </td>
      <th scope="row">
        <Link to={`/problems/${problem.slug}`}>{problem.name}</Link>
      </th>
      <td className="on-wide">
        {(problem.tags ?? problem.keywords ?? []).map((keyword) => (
          <Link key={keyword} className="keyword" to={`/problems?search=${encodeURIComponent(keyword)}`}>
            {keyword}
          </Link>
        ))}
      </td>
      {hasDifficulty ? (
        <td>
          {problem.difficulty ? (
            <span className={`difficulty difficulty-${problem.difficulty}`}>{problem.difficulty}</span>
          ) : null}
        </td>
      ) : null}
      {hasRate ? (
        <td className="number">
          {percent(problem.acceptance_rate)}
          <span className="of faint on-wide">
            {problem.submitted ? `${problem.accepted ?? 0} of ${problem.submitted}` : ""}
          </span>
        </td>
      ) : null}
    </tr>
  );
}

function Mark({ mark }: { mark: "solved" | "tried" | null }) {
  if (!mark) return null;
  return (
    <span className={mark === "solved" ? "tone-good" : "tone-slow"} title={mark}>
      <Icon name={mark === "solved" ? "check" : "dots"} />
      <span className="hidden">{mark}</span>
    </span>
  );
}
