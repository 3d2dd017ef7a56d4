import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";
import { ApiError } from "../api/ApiError";
import { type CurrentAccount, useCurrentAccount } from "../auth/queries";
import { ErrorBoundary } from "../components/ErrorBoundary";

const SignInDialog = lazy(() => import("../auth/SignInDialog"));

/** Says that the session has ended. The page stays with what was typed, and its user can sign in again on it. */
export function SessionNotice() {
  const { data: me, error } = useCurrentAccount();
  const [isAsking, setAsking] = useState(false);
  const hasEnded = me && error instanceof ApiError && error.needsSignIn;
  return (
    <>
      <div role="status" className={hasEnded ? "offline-notice" : ""}>
        {hasEnded ? (
          <>
            <Trans>You are not signed in any more. What you typed on this page is kept.</Trans>{" "}
            <SignInAgain me={me} ask={() => setAsking(true)} />
          </>
        ) : null}
      </div>
      {hasEnded && isAsking ? (
        <ErrorBoundary fallback={null}>
          <Suspense>
            <SignInDialog
              note={t`What you typed on this page is kept.`}
              onSignedIn={() => setAsking(false)}
              onClose={() => setAsking(false)}
            />
          </Suspense>
        </ErrorBoundary>
      ) : null}
    </>
  );
}

/**
 * An account without a password signs in in another tab, and this tab notices the new session. A guest of an event
 * cannot sign in again.
 */
function SignInAgain({ me, ask }: { me: CurrentAccount; ask: () => void }) {
  if (me.event) return <Trans>Ask the person who invited you for a new link.</Trans>;
  return me.has_password ? (
    <button type="button" className="button small" onClick={ask}>
      <Trans>Sign in again</Trans>
    </button>
  ) : (
    <a className="button small" href="/sign-in" target="_blank" rel="noreferrer">
      <Trans>Sign in in another tab</Trans>
    </a>
  );
}
