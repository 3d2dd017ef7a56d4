import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { Empty } from "../furniture/Empty";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { usePageTitle } from "../furniture/usePageTitle";
import type { ProblemLine } from "../wire/types";
import { ProblemTable } from "./ProblemTable";
import { useProblems } from "./queries";
import "./problems.css";

/** Every problem, to be searched by name or keyword; the search is in the address, so it can be shared. */
export default function ProblemsPage() {
  usePageTitle("Problems");
  const problems = useProblems();
  const [address, setAddress] = useSearchParams();
  const search = address.get("search") ?? "";
  const found = useMemo(() => findProblems(problems.data ?? [], search), [problems.data, search]);
  return (
    <div className="wide">
      <div className="page-head">
        <h1>Problems</h1>
        <input
          type="search"
          className="input"
          aria-label="Search problems by name or keyword"
          placeholder="Search by name or keyword"
          value={search}
          onChange={(event) =>
            setAddress(event.target.value ? { search: event.target.value } : {}, { replace: true })
          }
        />
      </div>
      {problems.isPending ? <Loading what="the problems" /> : null}
      {problems.error ? (
        <Trouble error={problems.error} what="the problems" again={() => void problems.refetch()} />
      ) : null}
      {problems.data ? <Found problems={found} all={problems.data.length} search={search} /> : null}
    </div>
  );
}

function Found({ problems, all, search }: { problems: ProblemLine[]; all: number; search: string }) {
  if (all === 0) {
    return (
      <Empty title="There are no problems yet">
        <p>
          An operator adds them under Operating, or with <code>gavel problems add FOLDER</code>.
        </p>
      </Empty>
    );
  }
  if (problems.length === 0) return <Empty title={`Nothing is called “${search}”`} />;
  return (
    <>
      <p className="hidden" role="status">
        {problems.length} problems
      </p>
      <ProblemTable problems={problems} />
    </>
  );
}

export function findProblems(problems: ProblemLine[], search: string): ProblemLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return problems.filter((problem) => {
    const text = [problem.name, problem.slug, ...(problem.keywords ?? [])].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
