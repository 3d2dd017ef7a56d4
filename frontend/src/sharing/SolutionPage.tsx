import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ApiError } from "../api/ApiError";
import { RequireSignIn } from "../auth/RequireSignIn";
import { EmptyState } from "../components/EmptyState";
import { QueryBoundary } from "../components/QueryBoundary";
import { TextBlock } from "../components/TextBlock";
import { languageName } from "../lib/i18n";
import { Link, useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { NotFound } from "../layout/NotFound";
import { StatementText } from "../problem/StatementText";
import { useProblems } from "../problems/queries";
import type { Solution } from "../api/types";
import { useSolution } from "./queries";
import "../problem/problem.css";

/** The solution that a problem's package explains, for its authors, administrators and those who have solved it. */
export default function SolutionPage() {
  const { slug = "" } = useParams();
  const name = useProblems().data?.find((problem) => problem.slug === slug)?.name ?? slug;
  usePageTitle(t`Solution of ${name}`);
  return (
    <RequireSignIn reason={t`Sign in to read the solution.`}>
      <div className="wide">
        <h1>
          <Trans>
            Solution of <Link to={`/problems/${slug}`}>{name}</Link>
          </Trans>
        </h1>
        <SolutionOf slug={slug} />
      </div>
    </RequireSignIn>
  );
}

function SolutionOf({ slug }: { slug: string }) {
  const solution = useSolution(slug);
  const status = solution.error instanceof ApiError ? solution.error.status : null;
  if (status === 404) return <NotFound subject={t`problem`} />;
  if (status === 403)
    return (
      <EmptyState title={t`Solve the problem first`}>
        <p>
          <Trans>The solution is shown to people who have solved the problem with full marks.</Trans>
        </p>
      </EmptyState>
    );
  return (
    <QueryBoundary query={solution} subject={t`the solution`}>
      {(found) => <Contents solution={found} slug={slug} />}
    </QueryBoundary>
  );
}

function Contents({ solution, slug }: { solution: Solution; slug: string }) {
  const { explanations, programs } = solution;
  if (explanations.length + programs.length === 0)
    return (
      <EmptyState title={t`There is no solution to show`}>
        <p>
          <Trans>The package has no solution, or an event with this problem is not over.</Trans>
        </p>
      </EmptyState>
    );
  const preferred = [...navigator.languages, "en"].map((tag) => tag.split("-")[0]);
  const rank = (language: string) => preferred.indexOf(language) + 1 || preferred.length + 1;
  const sorted = explanations.toSorted((one, other) => rank(one.language) - rank(other.language));
  return (
    <>
      {sorted.map((each, place) => (
        <article key={each.language}>
          {place > 0 ? <h2>{languageName(each.language)}</h2> : null}
          <StatementText statement={each} slug={slug} />
        </article>
      ))}
      {programs.map((program) => (
        <TextBlock key={program.name} title={program.name} text={program.source} />
      ))}
    </>
  );
}
