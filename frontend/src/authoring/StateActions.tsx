import { plural, t } from "@lingui/core/macro";
import { useNavigate } from "../lib/routing";
import { ConfirmButton } from "../components/ConfirmButton";
import type { Report } from "./AuthoredProblemPage";
import { PublishButton } from "./PublishButton";
import { type StateChange, useChangeState, useDelete } from "./queries";
import type { AuthoredProblem } from "./types";

interface Props {
  problem: AuthoredProblem;
  report: Report;
  rejudge: () => void;
}

/** Publishing, hiding, archiving and deleting; each asks first. */
export function StateActions({ problem, report, rejudge }: Props) {
  const change = useChangeState(problem.slug);
  const set = (body: StateChange, after?: () => void) =>
    change.mutate(body, {
      onSuccess: (answer) => {
        report({ done: `${answer.done}.` });
        after?.();
      },
      onError: (error) => report({ error }),
    });
  const isOffered = problem.state === "published";
  return (
    <div className="actions">
      {isOffered && problem.newest === problem.version ? null : (
        <PublishButton problem={problem} publish={set} rejudge={rejudge} disabled={change.isPending} />
      )}
      {isOffered ? (
        <ConfirmButton
          label={t`Hide`}
          question={t`Make “${problem.title}” a draft again?`}
          consequence={t`It is a draft again. Outside of events, only its authors and administrators see it. Submissions and verdicts stay.`}
          disabled={change.isPending}
          onConfirm={() => set({ state: "draft" })}
        />
      ) : null}
      {problem.state === "archived" ? null : (
        <ConfirmButton
          label={t`Archive`}
          question={t`Archive “${problem.title}”?`}
          consequence={t`It is archived and takes no submissions. All its records and versions stay, and it can be published again.`}
          disabled={change.isPending}
          onConfirm={() => set({ state: "archived" })}
        />
      )}
      {problem.may_manage ? <DeleteButton problem={problem} report={report} /> : null}
    </div>
  );
}

function DeleteButton({ problem, report }: Omit<Props, "rejudge">) {
  const remove = useDelete(problem.slug);
  const navigate = useNavigate();
  const count = problem.submissions;
  const refer = plural(count, { one: "# submission refers to it", other: "# submissions refer to it" });
  return (
    <ConfirmButton
      label={t`Delete`}
      className="button small danger"
      question={t`Delete “${problem.title}” with all its versions?`}
      consequence={
        count > 0
          ? t`It cannot be deleted: ${refer}. Archive it instead. Its submissions then stay.`
          : t`This cannot be undone.`
      }
      disabled={remove.isPending}
      onConfirm={() =>
        remove.mutate(false, {
          onSuccess: () => navigate("/my-problems"),
          onError: (error) => report({ error }),
        })
      }
    />
  );
}
