import { difficultyName, markName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Link } from "../lib/routing";
import { formatPercent } from "../lib/format";
import { Icon } from "../components/Icon";
import { DataTable } from "../components/DataTable";
import type { ProblemSummary } from "../api/types";
import { scoreText } from "../verdict/score";
import { markOf } from "./filterProblems";
import { readOrder, type SortKey } from "./sortProblems";

interface Props {
  problems: ProblemSummary[];
  /** As in the URL, see {@link readOrder}. */
  order: string | undefined;
  sortBy: (order: string) => void;
}

export function ProblemTable({ problems, order, sortBy }: Props) {
  const current = readOrder(order);
  const sort = (key: SortKey) => {
    const isCurrent = current?.key === key;
    const direction = !isCurrent ? "none" : current.isReversed ? "descending" : "ascending";
    // A third press restores the server's order.
    const next = !isCurrent ? key : current.isReversed ? "" : `-${key}`;
    return { direction, change: () => sortBy(next) } as const;
  };
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
          sort: sort("mark"),
          cell: (problem) => <SolvedMark problem={problem} />,
          cellClass: "solved-mark",
        },
        {
          title: t`Problem`,
          sort: sort("name"),
          cell: (problem) => <Link to={`/problems/${problem.slug}`}>{problem.name}</Link>,
          namesRow: true,
        },
        { title: t`Tags`, cell: (problem) => <Tags problem={problem} />, className: "wide-only" },
        hasDifficulty
          ? { title: t`Difficulty`, sort: sort("difficulty"), cell: (problem) => <Difficulty problem={problem} /> }
          : null,
        hasRate
          ? {
              title: t`Acceptance`,
              sort: sort("rate"),
              cell: (problem) => <Acceptance problem={problem} />,
              className: "number wide-only",
            }
          : null,
      ]}
    />
  );
}

function Tags({ problem }: { problem: ProblemSummary }) {
  return (problem.tags ?? problem.keywords ?? []).map((keyword) => (
    <Link key={keyword} className="tag" to={`/problems?tag=${encodeURIComponent(keyword)}`}>
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

const MARKS = {
  solved: { tone: "tone-good", icon: "check" },
  partial: { tone: "tone-partial", icon: "half" },
  tried: { tone: "tone-slow", icon: "dots" },
} as const;

function SolvedMark({ problem }: { problem: ProblemSummary }) {
  const mark = markOf(problem);
  if (mark === "new") return null;
  const { best_score, max_score } = problem;
  const { tone, icon } = MARKS[mark];
  const name = mark === "partial" ? t`partial: ${scoreText(best_score ?? 0, max_score)}` : markName(mark);
  return (
    <span className={tone} title={name}>
      <Icon name={icon} />
      <span className="visually-hidden">{name}</span>
    </span>
  );
}
