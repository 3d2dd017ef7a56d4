import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useCurrentAccount } from "../auth/queries";
import { Link } from "../lib/routing";
import type { Status } from "../api/types";

/** The API's words for a fault of the problem itself. */
const OF_THE_PROBLEM = /the problem is at fault/;

/** An internal error, in separate words for the contestant, the problem's author and the operator. */
export function FailureNote({ status }: { status: Status }) {
  const role = useCurrentAccount().data?.role;
  const isOfProblem = OF_THE_PROBLEM.test(status.reason ?? "");
  return (
    <div className="reason">
      <p>
        {isOfProblem
          ? t`The problem itself has a fault, so your program could not be judged. It does not count. The author of the problem sees the fault.`
          : t`The judge had a fault, so your program could not be judged. It does not count. Submit it again later.`}
      </p>
      {isOfProblem && status.problem && (role === "author" || role === "admin") ? (
        <p>
          <Trans>
            <strong>For the author:</strong> <Link to={`/my-problems/${status.problem}`}>the problem's page</Link> names
            the file and the fault. Fix it, publish the new version, and rejudge the failed submissions.
          </Trans>
        </p>
      ) : null}
      {role === "admin" ? (
        <p>
          <Trans>
            <strong>For the operator:</strong> <Link to={`/submissions/${status.id}`}>the submission's page</Link> has
            the reason of each attempt and the logs. Rejudge the submission when the cause is gone, or ignore the error.
          </Trans>
        </p>
      ) : null}
    </div>
  );
}
