import { t } from "@lingui/core/macro";
import { ConfirmButton } from "../components/ConfirmButton";
import type { Stage } from "../api/types";
import type { SubmissionAction } from "./queries";

interface Acted {
  id: string;
  stage: Stage;
  ignored_by?: string | null;
}

interface Props {
  of: Acted;
  run: (action: SubmissionAction) => void;
}

/** The actions of an operator on one submission that its stage allows. */
export function SubmissionActs({ of, run }: Props) {
  const name = of.id.slice(-8);
  if (["DONE", "FAILED", "CANCELLED"].includes(of.stage))
    return (
      <>
        <ConfirmButton
          label={t`Rejudge`}
          accessibleName={t`Rejudge ${name}`}
          question={t`Judge this submission again?`}
          consequence={t`Its verdict is replaced by the new one. The old verdict stays in the audit log.`}
          onConfirm={() => run("rejudge")}
        />
        {of.stage === "FAILED" && !of.ignored_by ? (
          <ConfirmButton
            label={t`Ignore`}
            accessibleName={t`Ignore ${name}`}
            question={t`Ignore this internal error?`}
            consequence={t`The dashboard no longer counts it. Its author sees no change. If it is rejudged, it is no longer ignored.`}
            onConfirm={() => run("ignore")}
          />
        ) : null}
      </>
    );
  return (
    <>
      <ConfirmButton
        label={t`Requeue`}
        accessibleName={t`Requeue ${name}`}
        question={t`Put this submission into its queue again?`}
        consequence={t`A new attempt begins. Later reports of the earlier attempt are ignored.`}
        onConfirm={() => run("requeue")}
      />
      <ConfirmButton
        label={t`Cancel`}
        accessibleName={t`Cancel ${name}`}
        question={t`Cancel this submission?`}
        consequence={t`It will not be judged. Its author sees that it was cancelled. This cannot be undone.`}
        onConfirm={() => run("cancel")}
      />
    </>
  );
}
