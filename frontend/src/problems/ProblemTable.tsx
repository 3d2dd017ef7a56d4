import { Link } from "../lib/routing";
import { formatPercent } from "../lib/format";
import { Icon } from "../components/Icon";
import { TableContainer } from "../components/TableContainer";
import type { ProblemSummary } from "../api/types";

export function ProblemTable({ problems }: { problems: ProblemSummary[] }) {
  const hasDifficulty = problems.some((problem) => problem.difficulty);
  const hasRate = problems.some((problem) => problem.acceptance_rate !== undefined);
  return (
    <TableContainer label="Problems">
      <table className="problem-table">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Solved</span>
            </th>
            <th scope="col">Problem</th>
            <th scope="col" className="wide-only">
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
            <Row key={problem.slug} problem={problem} hasDifficulty={hasDifficulty} hasRate={hasRate} />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

interface RowProps {
  problem: ProblemSummary;
  hasDifficulty: boolean;
  hasRate: boolean;
}

function Row({ problem, hasDifficulty, hasRate }: RowProps) {
  return (
    <tr>
      <td className="solved-mark">
        <SolvedMark mark={problem.mark ?? null} />
      </td>
      <th scope="row">
        <Link to={`/problems/${problem.slug}`}>{problem.name}</Link>
      </th>
      <td className="wide-only">
        {(problem.tags ?? problem.keywords ?? []).map((keyword) => (
          <Link key={keyword} className="tag" to={`/problems?search=${encodeURIComponent(keyword)}`}>
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
          {formatPercent(problem.acceptance_rate)}
          <span className="rate-counts muted wide-only">
            {problem.submitted ? `${problem.accepted ?? 0} of ${problem.submitted}` : ""}
          </span>
        </td>
      ) : null}
    </tr>
  );
}

function SolvedMark({ mark }: { mark: "solved" | "tried" | null }) {
  if (!mark) return null;
  return (
    <span className={mark === "solved" ? "tone-good" : "tone-slow"} title={mark}>
      <Icon name={mark === "solved" ? "check" : "dots"} />
      <span className="visually-hidden">{mark}</span>
    </span>
  );
}
