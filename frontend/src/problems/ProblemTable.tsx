import { difficultyName, markName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Link } from "../lib/routing";
import { formatPercent } from "../lib/format";
import { Icon } from "../components/Icon";
import { DataTable } from "../components/DataTable";
import type { ProblemSummary } from "../api/types";

export function ProblemTable({ problems }: { problems: ProblemSummary[] }) {
  const hasDifficulty = problems.some((problem) => problem.difficulty);
  const hasRate = problems.some((problem) => problem.acceptance_rate !== undefined);
  return (
    <DataTable
      label={t`Problems`}
      className="problem-table"
      rows={problems}
      rowKey={(problem) => problem.slug}
      columns={[
        {
          title: t`Solved`,
          hasHiddenTitle: true,
          cell: (problem) => <SolvedMark mark={problem.mark ?? null} />,
          cellClass: "solved-mark",
        },
        {
          title: t`Problem`,
          cell: (problem) => <Link to={`/problems/${problem.slug}`}>{problem.name}</Link>,
          namesRow: true,
        },
        { title: t`Tags`, cell: (problem) => <Tags problem={problem} />, className: "wide-only" },
        hasDifficulty ? { title: t`Difficulty`, cell: (problem) => <Difficulty problem={problem} /> } : null,
        hasRate
          ? { title: t`Acceptance`, cell: (problem) => <Acceptance problem={problem} />, className: "number" }
          : null,
      ]}
    />
  );
}

function Tags({ problem }: { problem: ProblemSummary }) {
  return (problem.tags ?? problem.keywords ?? []).map((keyword) => (
    <Link key={keyword} className="tag" to={`/problems?search=${encodeURIComponent(keyword)}`}>
      {keyword}
    </Link>
  ));
}

function Difficulty({ problem: { difficulty } }: { problem: ProblemSummary }) {
  if (!difficulty) return null;
  return <span className={`difficulty difficulty-${difficulty}`}>{difficultyName(difficulty)}</span>;
}

function Acceptance({ problem }: { problem: ProblemSummary }) {
  return (
    <>
      {formatPercent(problem.acceptance_rate)}
      <span className="rate-counts muted wide-only">
        {problem.submitted ? t`${problem.accepted ?? 0} of ${problem.submitted}` : ""}
      </span>
    </>
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
