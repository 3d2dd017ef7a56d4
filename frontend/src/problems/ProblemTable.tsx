import { difficultyName, markName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { formatPercent } from "../lib/format";
import { Icon } from "../components/Icon";
import { TableContainer } from "../components/TableContainer";
import type { ProblemSummary } from "../api/types";

export function ProblemTable({ problems }: { problems: ProblemSummary[] }) {
  const hasDifficulty = problems.some((problem) => problem.difficulty);
  const hasRate = problems.some((problem) => problem.acceptance_rate !== undefined);
  return (
    <TableContainer label={t`Problems`}>
      <table className="problem-table">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">
                <Trans>Solved</Trans>
              </span>
            </th>
            <th scope="col">
              <Trans>Problem</Trans>
            </th>
            <th scope="col" className="wide-only">
              <Trans>Tags</Trans>
            </th>
            {hasDifficulty ? (
              <th scope="col">
                <Trans>Difficulty</Trans>
              </th>
            ) : null}
            {hasRate ? (
              <th scope="col" className="number">
                <Trans>Acceptance</Trans>
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
            <span className={`difficulty difficulty-${problem.difficulty}`}>{difficultyName(problem.difficulty)}</span>
          ) : null}
        </td>
      ) : null}
      {hasRate ? (
        <td className="number">
          {formatPercent(problem.acceptance_rate)}
          <span className="rate-counts muted wide-only">
            {problem.submitted ? t`${problem.accepted ?? 0} of ${problem.submitted}` : ""}
          </span>
        </td>
      ) : null}
    </tr>
  );
}

function SolvedMark({ mark }: { mark: "solved" | "tried" | null }) {
  if (!mark) return null;
  return (
    <span className={mark === "solved" ? "tone-good" : "tone-slow"} title={markName(mark)}>
      <Icon name={mark === "solved" ? "check" : "dots"} />
      <span className="visually-hidden">{markName(mark)}</span>
    </span>
  );
}
