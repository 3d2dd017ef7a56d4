import { t } from "@lingui/core/macro";
import { useParams } from "../lib/routing";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { usePageTitle } from "../lib/usePageTitle";
import { useLanguages, useProblem } from "../problems/queries";
import { NotFound } from "../layout/NotFound";
import { ApiError } from "../api/ApiError";
import { ProblemPanes } from "./ProblemPanes";
import "./problem.css";

/** The problem page: the statement on one side, the editor on the other. */
export default function ProblemPage() {
  const { slug = "" } = useParams();
  const problem = useProblem(slug);
  const languages = useLanguages();
  usePageTitle(problem.data?.name ?? slug);
  if (problem.error instanceof ApiError && problem.error.status === 404) return <NotFound subject={t`problem`} />;
  // Keep both once loaded: the editor must not vanish when a background refetch fails.
  if (problem.data && !languages.error)
    return <ProblemPanes key={slug} problem={problem.data} languages={languages.data} />;
  const error = problem.error ?? languages.error;
  if (!error) return <Loading subject={t`the problem`} />;
  const retry = () => void Promise.all([problem.refetch(), languages.refetch()]);
  return (
    <div className="wide">
      <h1>{slug}</h1>
      <ErrorAlert error={error} subject={t`the problem`} retry={retry} />
    </div>
  );
}
