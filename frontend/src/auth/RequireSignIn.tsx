import type { ReactNode } from "react";
import { Link, usePathname } from "../lib/routing";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { useCurrentAccount } from "./queries";

/** Shows its children when signed in, else a link to the sign-in page. */
export function RequireSignIn({ reason, children }: { reason: string; children: ReactNode }) {
  const me = useCurrentAccount();
  const pathname = usePathname();
  // Keep the page while the connection is down: the server checks each request anyway.
  if (me.data) return children;
  if (me.isPending) return <Loading subject="your account" />;
  if (me.error) return <ErrorAlert error={me.error} subject="your account" retry={() => void me.refetch()} />;
  return (
    <div className="narrow">
      <h1>Sign in first</h1>
      <p>{reason}</p>
      <Link className="button primary" to={`/sign-in?next=${encodeURIComponent(pathname)}`}>
        Sign in
      </Link>
    </div>
  );
}
