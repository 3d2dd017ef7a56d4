import { t } from "@lingui/core/macro";
import { Plural } from "@lingui/react/macro";
import { ConfirmButton } from "../components/ConfirmButton";
import { isFinal } from "../status-updates/statusOrder";
import { statusLabel } from "../verdict/labels";
import { type SubmissionAction, useManySubmissionsAction } from "./queries";
import { trackRejudged } from "./rejudgeComparison";
import type { OwnedStatus } from "./types";

interface Props {
  rows: readonly OwnedStatus[];
  chosen: ReadonlySet<string>;
  clear: () => void;
}

/**
 * Buttons that act on all chosen submissions. Each button leaves out the submissions whose stage does not allow its
 * action.
 */
export function SubmissionBulk({ rows, chosen, clear }: Props) {
  const change = useManySubmissionsAction();
  const picked = rows.filter(({ id }) => chosen.has(id));
  if (picked.length === 0) return null;
  const ended = picked.filter(isFinal);
  const open = picked.filter((row) => !isFinal(row));
  const failed = picked.filter((row) => row.stage === "FAILED" && !row.ignored_by);
  const act = (action: SubmissionAction, of: readonly OwnedStatus[]) =>
    change.mutate(
      { ids: of.map(({ id }) => id), action },
      {
        onSuccess: () => {
          if (action === "rejudge")
            trackRejudged(of.map(({ id, account, verdict }) => ({ id, account: account ?? null, before: verdict })));
          clear();
        },
      },
    );
  return (
    <div className="bulk-actions" role="group" aria-label={t`Actions on the chosen submissions`}>
      <strong>
        <Plural value={picked.length} one="# chosen" other="# chosen" />
      </strong>
      {ended.length > 0 ? (
        <ConfirmButton
          label={t`Rejudge ${ended.length}`}
          question={t`Judge ${ended.length} submissions again?`}
          consequence={t`Each verdict is replaced by the new one. The people who submitted are notified if their result changes.`}
          disabled={change.isPending}
          onConfirm={() => act("rejudge", ended)}
        />
      ) : null}
      {failed.length > 0 ? (
        <ConfirmButton
          label={t`Ignore ${failed.length}`}
          question={t`Ignore ${failed.length} internal errors?`}
          consequence={t`The dashboard no longer counts them. Their authors see no change.`}
          disabled={change.isPending}
          onConfirm={() => act("ignore", failed)}
        />
      ) : null}
      {open.length > 0 ? (
        <>
          <ConfirmButton
            label={t`Requeue ${open.length}`}
            question={t`Put ${open.length} submissions into their queues again?`}
            consequence={t`A new attempt of each begins. Later reports of the earlier attempts are ignored.`}
            disabled={change.isPending}
            onConfirm={() => act("requeue", open)}
          />
          <ConfirmButton
            label={t`Cancel ${open.length}`}
            question={t`Cancel ${open.length} submissions?`}
            consequence={t`They will not be judged. Their authors see that they were cancelled. This cannot be undone.`}
            disabled={change.isPending}
            onConfirm={() => act("cancel", open)}
          />
        </>
      ) : null}
      <span className="visually-hidden">{picked.map((row) => statusLabel(row).text).join(", ")}</span>
    </div>
  );
}
