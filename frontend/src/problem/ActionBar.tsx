import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { Icon } from "../components/Icon";
import { useCurrentAccount } from "../auth/queries";
import { useSignInQuery } from "../auth/useSignInQuery";
import type { Program } from "./programFiles";
import { UploadFiles } from "./UploadFiles";

interface Props {
  run: () => void;
  submit: () => void;
  isRunning: boolean;
  isSubmitting: boolean;
  suspension: string | null | undefined;
  language: string | undefined;
  submitProgram: (program: Program, files: readonly File[]) => void;
  /** For the bar of a narrow screen. */
  isShort: boolean;
}

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Run and Submit, or a link to sign in. */
export function ActionBar(props: Props) {
  const { run, submit, isRunning, isSubmitting, suspension, language, isShort } = props;
  const { data: me, isPending } = useCurrentAccount();
  const next = useSignInQuery();
  const modifier = IS_MAC ? "⌘" : t`Ctrl`;
  if (!isPending && !me) {
    return (
      <div className="action-bar">
        {isShort ? null : (
          <span className="muted">
            <Trans>Your draft is kept in this browser.</Trans>
          </span>
        )}
        <Link className="button primary" to={`/sign-in${next}`}>
          {isShort ? <Trans>Sign in</Trans> : <Trans>Sign in to submit</Trans>}
        </Link>
      </div>
    );
  }
  return (
    <div className="action-bar">
      {me && language && !isShort ? (
        <UploadFiles
          language={language}
          isDisabled={isSubmitting || Boolean(suspension)}
          submit={props.submitProgram}
        />
      ) : null}
      <button
        type="button"
        className={isShort ? "button icon-only" : "button"}
        onClick={run}
        disabled={isRunning || !me}
        title={`${modifier} + '`}
        aria-label={t`Run`}
      >
        <Icon name="play" />
        {isShort ? null : <Trans>Run</Trans>}
      </button>
      <button
        type="button"
        className="button primary"
        onClick={submit}
        disabled={isSubmitting || Boolean(suspension) || !me}
        title={suspension || t`${modifier} + Enter`}
      >
        <Icon name="up" />
        <Trans>Submit</Trans>
      </button>
    </div>
  );
}
