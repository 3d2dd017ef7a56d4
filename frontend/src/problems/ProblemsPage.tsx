import { difficultyOptions, markOptions } from "../lib/names";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useMemo } from "react";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { EmptyState } from "../components/EmptyState";
import { useQueryFilters } from "../lib/useQueryFilters";
import { usePageTitle } from "../lib/usePageTitle";
import { useCurrentAccount } from "../auth/queries";
import type { ProblemSummary } from "../api/types";
import { filterProblems, type ProblemFilter } from "./filterProblems";
import { ProblemTable } from "./ProblemTable";
import { useProblems } from "./queries";
import "./problems.css";

const FILTERS = ["search", "difficulty", "mark"] as const;

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
          <input
            type="search"
            className="input small"
            aria-label={t`Search problems by name or keyword`}
            placeholder={t`Search by name or tag`}
            value={filter.search ?? ""}
            onChange={(event) => choose("search", event.target.value)}
          />
          <Select
            label={t`Difficulty`}
            value={filter.difficulty ?? ""}
            choose={(value) => choose("difficulty", value)}
            options={difficultyOptions()}
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
        {(all) => <FilteredProblems all={all} filter={filter} />}
      </QueryBoundary>
    </div>
  );
}

function FilteredProblems({ all, filter }: { all: ProblemSummary[]; filter: ProblemFilter }) {
  const { search, difficulty, mark } = filter;
  const filtered = useMemo(
    () => filterProblems(all, { search, difficulty, mark } as ProblemFilter),
    [all, search, difficulty, mark],
  );
  if (all.length === 0) {
    return (
      <EmptyState title={t`There are no problems yet`}>
        <p>
          <Trans>
            An operator adds them under Operating, or with <code>gavel problems add FOLDER</code>.
          </Trans>
        </p>
      </EmptyState>
    );
  }
  if (filtered.length === 0)
    return <EmptyState title={search ? t`Nothing is called “${search}”` : t`No problem matches`} />;
  const solved = all.filter((problem) => problem.mark === "solved").length;
  return (
    <>
      <p className="list-summary muted" role="status">
        {filtered.length === all.length
          ? plural(all.length, { one: "# problem", other: "# problems" })
          : t`${filtered.length} of ${all.length} problems`}
        {solved > 0 ? t`, ${solved} solved` : ""}
      </p>
      <ProblemTable problems={filtered} />
    </>
  );
}
