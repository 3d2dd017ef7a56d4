import { Link, usePathname, useNavigate } from "../furniture/routing";
import { useMe, useSignOut } from "../session/me";
import { TierBadge } from "./TierBadge";

/** Who is signed in, or the two ways in. Keeps its width while that is not known yet. */
export function AccountMenu() {
  const { data: me, isPending } = useMe();
  const signOut = useSignOut();
  const navigate = useNavigate();
  const pathname = usePathname();
  if (isPending) return <div className="account-menu" aria-hidden="true" />;
  if (!me) return <SignInLinks from={pathname} />;
  return (
    <div className="account-menu">
      <Link to="/account" className="account-name">
        {me.name} <TierBadge tier={me.tier} />
      </Link>
      <button
        type="button"
        className="button quiet small on-wide"
        disabled={signOut.isPending}
        onClick={() => signOut.mutate(undefined, { onSuccess: () => navigate("/") })}
      >
        Sign out
      </button>
    </div>
  );
}

function SignInLinks({ from }: { from: string }) {
  const next = from === "/" || from.startsWith("/sign-") ? "" : `?next=${encodeURIComponent(from)}`;
  return (
    <div className="account-menu">
      <Link to={`/sign-in${next}`} className="button quiet small">
        Sign in
      </Link>
      <Link to={`/sign-up${next}`} className="button small primary">
        Sign up
      </Link>
    </div>
  );
}
