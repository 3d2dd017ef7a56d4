import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "../lib/routing";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { useCurrentAccount } from "./queries";
import { useSignInQuery } from "./useSignInQuery";

/** Shows its children when signed in, else a link to the sign-in page. */
export function RequireSignIn({ reason, children }: { reason: string; children: ReactNode }) {
  const me = useCurrentAccount();
  const query = useSignInQuery();
  // Keep the page while the connection is down or the session has ended: the server checks each request anyway.
  if (me.data) return children;
  if (me.isPending) return <Loading subject={t`your account`} />;
  if (me.error) return <ErrorAlert error={me.error} subject={t`your account`} retry={() => void me.refetch()} />;
  return (
    <div className="narrow">
      <h1>
        <Trans>Sign in first</Trans>
      </h1>
      <p>{reason}</p>
      <Link className="button primary" to={`/sign-in${query}`}>
        <Trans>Sign in</Trans>
      </Link>
    </div>
  );
}
