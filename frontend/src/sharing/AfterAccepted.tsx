import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CopyButton } from "../components/CopyButton";
import { Link } from "../lib/routing";
import { useProblems } from "../problems/queries";
import { nextProblem } from "../problems/nextProblem";
import type { Status } from "../api/types";
import ShareLink from "./ShareLink";
import { useSolution } from "./queries";

/** Links to follow after full marks: the next problem that is not solved, the package's solution, and sharing. */
export default function AfterAccepted({ status }: { status: Status }) {
  const problems = useProblems().data;
  const slug = status.problem ?? "";
  const next = problems && nextProblem(problems, slug);
  return (
    <>
      {next ? (
        <Link className="button primary" to={`/problems/${next.slug}`}>
          <Trans>Next: {next.name}</Trans>
        </Link>
      ) : null}
      <SolutionLink slug={slug} />
      <CopyButton
        text={`${location.origin}/problems/${slug}`}
        subject={t`link to the problem`}
        label={t`Copy link to the problem`}
      />
      <ShareLink id={status.id} />
    </>
  );
}

function SolutionLink({ slug }: { slug: string }) {
  const solution = useSolution(slug).data;
  if (!solution || solution.explanations.length + solution.programs.length === 0) return null;
  return (
    <Link className="button small" to={`/problems/${slug}/solution`}>
      <Trans>Read the solution</Trans>
    </Link>
  );
}
