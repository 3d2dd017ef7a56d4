import { useMemo } from "react";
import { Answered } from "../furniture/Answered";
import { Choice } from "../furniture/Choice";
import { Empty } from "../furniture/Empty";
import { useAddressFilter } from "../furniture/useAddressFilter";
import { usePageTitle } from "../furniture/usePageTitle";
import { useMe } from "../session/me";
import type { ProblemLine } from "../wire/types";
import { findProblems, type ProblemFilter } from "./found";
import { ProblemTable } from "./ProblemTable";
import { useProblems } from "./queries";
import "./problems.css";

const NAMES = ["search", "difficulty", "mark"] as const;
const DIFFICULTIES = ["easy", "medium", "hard"].map((each) => [each, each] as const);
const MARKS = [
  ["solved", "solved"],
  ["tried", "tried"],
  ["new", "not tried"],
] as const;

/** Every problem, to be searched by name or keyword; the search is in the address, so it can be shared. */
export default function ProblemsPage() {
  usePageTitle("Problems");
  const problems = useProblems();
  const me = useMe().data;
  const [filter, choose] = useAddressFilter(NAMES);
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
          <Choice
            label="Difficulty"
            value={filter.difficulty ?? ""}
            choose={(value) => choose("difficulty", value)}
            options={DIFFICULTIES}
          />
          {me ? (
            <Choice
              label="Status"
              value={filter.mark ?? ""}
              choose={(value) => choose("mark", value)}
              options={MARKS}
            />
          ) : null}
        </div>
      </div>
      <Answered asked={problems} what="the problems">
        {(all) => <Found all={all} filter={filter} />}
      </Answered>
    </div>
  );
}

function Found({ all, filter }: { all: ProblemLine[]; filter: ProblemFilter }) {
  const { search, difficulty, mark } = filter;
  const found = useMemo(
    () => findProblems(all, { search, difficulty, mark } as ProblemFilter),
    [all, search, difficulty, mark],
  );
  if (all.length === 0) {
    return (
      <Empty title="There are no problems yet">
        <p>
          An operator adds them under Operating, or with <code>gavel problems add FOLDER</code>.
        </p>
      </Empty>
    );
  }
  if (found.length === 0)
    return <Empty title={search ? `Nothing is called “${search}”` : "No problem is like that"} />;
  const solved = all.filter((problem) => problem.mark === "solved").length;
  return (
    <>
      <p className="list-note faint" role="status">
        {found.length === all.length ? `${all.length} problems` : `${found.length} of ${all.length} problems`}
        {solved > 0 ? `, ${solved} solved` : ""}
      </p>
      <ProblemTable problems={found} />
    </>
  );
}
