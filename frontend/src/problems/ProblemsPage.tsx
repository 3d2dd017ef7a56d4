import { difficultyOptions, markOptions } from "../lib/names";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useMemo } from "react";
import { QueryBoundary } from "../components/QueryBoundary";
import { SearchField } from "../components/SearchField";
import { Select } from "../components/Select";
import { EmptyState } from "../components/EmptyState";
import { formatNumber } from "../lib/format";
import { useQueryFilters } from "../lib/useQueryFilters";
import { usePageTitle } from "../lib/usePageTitle";
import { useCurrentAccount } from "../auth/queries";
import type { ProblemSummary } from "../api/types";
import { filterProblems, type ProblemFilter, tagOptions } from "./filterProblems";
import { Pages } from "./Pages";
import { ProblemTable } from "./ProblemTable";
import { useProblems } from "./queries";
import { sortProblems } from "./sortProblems";
import "./problems.css";

const FILTERS = ["search", "difficulty", "mark", "tag", "sort", "page"] as const;
const PAGE_SIZE = 100;

/** All problems, searchable by name or keyword. The search is in the URL, so it can be shared. */
export default function ProblemsPage() {
  usePageTitle(t`Problems`);
  const problems = useProblems();
  const me = useCurrentAccount().data;
  const [filter, choose] = useQueryFilters(FILTERS);
  return (
    <div className="wide">
      <div className="page-head">
        <h1>
          <Trans>Problems</Trans>
        </h1>
        <div className="filters">
          <SearchField
            label={t`Search problems by name or keyword`}
            placeholder={t`Search by name or tag`}
            value={filter.search ?? ""}
            search={(text) => choose("search", text)}
          />
          <Select
            label={t`Difficulty`}
            value={filter.difficulty ?? ""}
            choose={(value) => choose("difficulty", value)}
            options={difficultyOptions()}
          />
          <Select
            label={t`Tag`}
            value={filter.tag ?? ""}
            choose={(value) => choose("tag", value)}
            options={tagOptions(problems.data ?? [])}
          />
          {me ? (
            <Select
              label={t`Status`}
              value={filter.mark ?? ""}
              choose={(value) => choose("mark", value)}
              options={markOptions()}
            />
          ) : null}
        </div>
      </div>
      <QueryBoundary query={problems} subject={t`the problems`}>
        {(all) => <FilteredProblems all={all} filter={filter} choose={choose} />}
      </QueryBoundary>
    </div>
  );
}

interface Props {
  all: ProblemSummary[];
  filter: ProblemFilter & { sort?: string; page?: string };
  choose: (name: "sort" | "page", value: string) => void;
}

function FilteredProblems({ all, filter, choose }: Props) {
  const { search, difficulty, mark, tag, sort } = filter;
  const filtered = useMemo(
    () => sortProblems(filterProblems(all, { search, difficulty, mark, tag } as ProblemFilter), sort),
    [all, search, difficulty, mark, tag, sort],
  );
  const pages = Math.ceil(filtered.length / PAGE_SIZE);
  const page = Math.min(Math.max(1, Number(filter.page) || 1), Math.max(1, pages));
  if (all.length === 0) {
    return (
      <EmptyState title={t`There are no problems yet`}>
        <p>
          <Trans>Authors and administrators can add problems.</Trans>
        </p>
      </EmptyState>
    );
  }
  if (filtered.length === 0)
    return <EmptyState title={search ? t`Nothing matches “${search}”` : t`No problem matches`} />;
  const solvedCount = all.filter((problem) => problem.mark === "solved").length;
  const solved = formatNumber(solvedCount);
  return (
    <>
      <p className="list-summary muted" role="status">
        {filtered.length === all.length
          ? plural(all.length, { one: "# problem", other: "# problems" })
          : t`${formatNumber(filtered.length)} of ${formatNumber(all.length)} problems`}
        {solvedCount > 0 ? t`, ${solved} solved` : ""}
        {solvedCount > 0 ? (
          <progress className="solved-progress" max={all.length} value={solvedCount} aria-label={t`Solved`} />
        ) : null}
      </p>
      <ProblemTable
        problems={filtered.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)}
        order={sort}
        sortBy={(order) => choose("sort", order)}
      />
      {pages > 1 ? <Pages page={page} pages={pages} open={(next) => choose("page", String(next))} /> : null}
    </>
  );
}
