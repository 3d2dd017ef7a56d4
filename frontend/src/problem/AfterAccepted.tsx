import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CopyButton } from "../components/CopyButton";
import { Link } from "../lib/routing";
import { useProblems } from "../problems/queries";
import { nextProblem } from "../problems/nextProblem";
import type { Status } from "../api/types";

/** What to do after full marks: the next problem that is not solved, and sharing the result. */
export function AfterAccepted({ status }: { status: Status }) {
  const problems = useProblems().data;
  const next = problems && nextProblem(problems, status.problem ?? "");
  return (
    <>
      {next ? (
        <Link className="button primary" to={`/problems/${next.slug}`}>
          <Trans>Next: {next.name}</Trans>
        </Link>
      ) : null}
      <CopyButton
        text={`${location.origin}/problems/${status.problem}`}
        subject={t`link to the problem`}
        label={t`Copy link to the problem`}
      />
    </>
  );
}
