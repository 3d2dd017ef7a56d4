import { useParams } from "../furniture/routing";
import { Loading } from "../furniture/Loading";
import { Split } from "../furniture/Split";
import { Trouble } from "../furniture/Trouble";
import { usePageTitle } from "../furniture/usePageTitle";
import { useLanguages, useProblem } from "../problems/queries";
import { NotFound } from "../shell/NotFound";
import { Problem as Refusal } from "../wire/problem";
import type { Language, Problem } from "../wire/types";
import { Reading } from "./Reading";
import { useIsNarrow } from "./useIsNarrow";
import { Workbench } from "./Workbench";
import "./solving.css";

/** The room people come for: the problem on one side, the work on the other. */
export default function SolvingPage() {
  const { slug = "" } = useParams();
  const problem = useProblem(slug);
  const languages = useLanguages();
  usePageTitle(problem.data?.name ?? slug);
  if (problem.error instanceof Refusal && problem.error.status === 404) return <NotFound what="problem" />;
  // Once here, both stay: an editor that vanishes because a refresh in the background failed would be worse.
  if (problem.data && languages.data)
    return <Rooms key={slug} problem={problem.data} languages={languages.data} />;
  const error = problem.error ?? languages.error;
  if (!error) return <Loading what="the problem" />;
  const again = () => void Promise.all([problem.refetch(), languages.refetch()]);
  return (
    <div className="wide">
      <h1>{slug}</h1>
      <Trouble error={error} what="the problem" again={again} />
    </div>
  );
}

function Rooms({ problem, languages }: { problem: Problem; languages: Language[] }) {
  const isNarrow = useIsNarrow();
  const reading = <Reading problem={problem} />;
  const work = <Workbench problem={problem} languages={languages} />;
  if (isNarrow) {
    return (
      <div className="solving-narrow">
        {reading}
        {work}
      </div>
    );
  }
  return (
    <div className="solving">
      <Split name="solving" direction="columns" label="Width of the statement" share={44}>
        {reading}
        {work}
      </Split>
    </div>
  );
}
