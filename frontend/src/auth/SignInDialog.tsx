import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { useCurrentAccount } from "./queries";
import { SignInForm } from "./SignInForm";

interface Props {
  /** Says what happens after signing in, as in "Your program is kept, and submitted then." */
  note: string;
  onSignedIn: () => void;
  onClose: () => void;
}

/** Asks to sign in again in place, so that what was typed stays. */
export default function SignInDialog({ note, onSignedIn, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const me = useCurrentAccount().data;
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-label={t`Sign in again`} onClose={onClose}>
      <h2>
        <Trans>Sign in again</Trans>
      </h2>
      <p>
        <Trans>You are not signed in any more.</Trans> {note}
      </p>
      <SignInForm method="password" again={me?.name} onSignedIn={onSignedIn} />
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          <Trans>Not now</Trans>
        </button>
      </div>
    </dialog>
  );
}
