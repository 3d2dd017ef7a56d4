import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, useNavigate } from "../lib/routing";
import { useCurrentAccount, useSignOut } from "../auth/queries";
import { useSignInQuery } from "../auth/useSignInQuery";
import { Icon } from "../components/Icon";
import { TierBadge } from "../components/TierBadge";
import { useNotices } from "./notices";

/** The signed-in account, or links to sign in and up. Keeps its width while loading. */
export function AccountMenu() {
  const { data: me, isPending } = useCurrentAccount();
  const signOut = useSignOut();
  const navigate = useNavigate();
  if (isPending) return <div className="account-menu" aria-hidden="true" />;
  if (!me) return <SignInLinks />;
  return (
    <div className="account-menu">
      {me.event ? (
        <span className="account-name">{me.full_name ?? me.name}</span>
      ) : (
        <>
          <NoticesLink />
          <Link to="/account" className="account-name">
            <span className="account-name-text">{me.name}</span> <TierBadge tier={me.tier} />
          </Link>
        </>
      )}
      <button
        type="button"
        className="button quiet small wide-only"
        hidden={Boolean(me.event)}
        disabled={signOut.isPending}
        onClick={() => signOut.mutate(undefined, { onSuccess: () => navigate("/") })}
      >
        <Trans>Sign out</Trans>
      </button>
      {signOut.error ? (
        <span role="alert" className="tone-bad small">
          {signOut.error.message}
        </span>
      ) : null}
    </div>
  );
}

/** Leads to the notices, with the number of those that are not read. */
function NoticesLink() {
  const unread = useNotices(true).data?.unread ?? 0;
  return (
    <Link
      to="/notices"
      className={unread > 0 ? "notices-link has-unread" : "notices-link"}
      aria-label={unread > 0 ? plural(unread, { one: "# new notice", other: "# new notices" }) : t`Notices`}
    >
      <Icon name="bell" />
      {unread > 0 ? <span aria-hidden="true">{unread}</span> : null}
    </Link>
  );
}

function SignInLinks() {
  const next = useSignInQuery();
  return (
    <div className="account-menu">
      <Link to={`/sign-in${next}`} className="button quiet small">
        <Trans>Sign in</Trans>
      </Link>
      <Link to={`/sign-up${next}`} className="button small primary">
        <Trans>Sign up</Trans>
      </Link>
    </div>
  );
}
