import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";
import { isUnderWay, type StateChange } from "./queries";
import type { AuthoredProblem } from "./types";

interface Props {
  problem: AuthoredProblem;
  publish: (change: StateChange, after?: () => void) => void;
  rejudge: () => void;
  disabled: boolean;
}

/** Publishes the newest version. Asks whether to rejudge, if submissions were judged by other tests. */
export function PublishButton({ problem, publish, rejudge, disabled }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const newest = problem.versions.find(({ version }) => version === problem.newest);
  const isVerified = newest?.verified_at !== null;
  const count = problem.to_rejudge;
  const submissions = plural(count, { one: "# submission", other: "# submissions" });
  const close = (change: StateChange | null, after?: () => void) => {
    dialog.current?.close();
    if (change) publish(change, after);
  };
  const change: StateChange = { state: "published", version: problem.newest, unverified: !isVerified };
  const publishLabel = isVerified ? t`Publish` : t`Publish unverified`;
  return (
    <>
      <button
        type="button"
        className="button small primary"
        disabled={disabled || isUnderWay(problem.verification)}
        onClick={() => dialog.current?.showModal()}
      >
        <Trans>Publish …</Trans>
      </button>
      <dialog ref={dialog} className="dialog" aria-label={t`Publish version ${problem.newest.slice(0, 8)}?`}>
        <h2>
          <Trans>Publish version {problem.newest.slice(0, 8)}?</Trans>
        </h2>
        <p>
          {isVerified ? (
            <Trans>Each of its submissions that was judged got an expected verdict.</Trans>
          ) : (
            <strong className="tone-bad">
              <Trans>It was not verified: its submissions may get other verdicts than expected.</Trans>
            </strong>
          )}
        </p>
        {count > 0 ? (
          <p>
            <Trans>Judged by other tests: {submissions}. Their verdicts stay until you rejudge them.</Trans>
          </p>
        ) : (
          <p>
            <Trans>No submission was judged by other tests.</Trans>
          </p>
        )}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => close(null)}>
            <Trans>Keep</Trans>
          </button>
          {count > 0 ? (
            <button type="button" className="button" onClick={() => close(change, rejudge)}>
              {isVerified ? t`Publish and rejudge ${count}` : t`Publish unverified and rejudge ${count}`}
            </button>
          ) : null}
          <button type="button" className="button danger" onClick={() => close(change)}>
            {publishLabel}
          </button>
        </div>
      </dialog>
    </>
  );
}
