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
const DIFFICULTIES = ["easy", "medium", "hard"].map((each) => [each, each] as const);
const MARKS = [
  ["solved", "solved"],
  ["tried", "tried"],
  ["new", "not tried"],
] as const;

/** All problems, searchable by name or keyword. The search is in the URL, so it can be shared. */
export default function ProblemsPage() {
  usePageTitle("Problems");
  const problems = useProblems();
  const me = useCurrentAccount().data;
  const [filter, choose] = useQueryFilters(FILTERS);
  return (
    <div className="wide">
      <div className="page-head">
        <h1>Problems</h1>
        <div className="filters">
          <input
            type="search"
            className="input small"
            aria-label="Search problems by name or keyword"
            placeholder="Search by name or tag"
            value={filter.search ?? ""}
            onChange={(event) => choose("search", event.target.value)}
          />
          <Select
            label="Difficulty"
            value={filter.difficulty ?? ""}
            choose={(value) => choose("difficulty", value)}
            options={DIFFICULTIES}
          />
          {me ? (
            <Select
              label="Status"
              value={filter.mark ?? ""}
              choose={(value) => choose("mark", value)}
              options={MARKS}
            />
          ) : null}
        </div>
      </div>
      <QueryBoundary query={problems} subject="the problems">
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
      <EmptyState title="There are no problems yet">
        <p>
          An operator adds them under Operating, or with <code>gavel problems add FOLDER</code>.
        </p>
      </EmptyState>
    );
  }
  if (filtered.length === 0)
    return <EmptyState title={search ? `Nothing is called “${search}”` : "No problem is like that"} />;
  const solved = all.filter((problem) => problem.mark === "solved").length;
  return (
    <>
      <p className="list-summary muted" role="status">
        {filtered.length === all.length ? `${all.length} problems` : `${filtered.length} of ${all.length} problems`}
        {solved > 0 ? `, ${solved} solved` : ""}
      </p>
      <ProblemTable problems={filtered} />
    </>
  );
}
