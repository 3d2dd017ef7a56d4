import type { ReactNode } from "react";
import { Link, usePathname } from "../furniture/routing";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { useMe } from "./me";

/** Shows the page to somebody signed in, and the way in to anybody else. */
export function SignInFirst({ why, children }: { why: string; children: ReactNode }) {
  const me = useMe();
  const pathname = usePathname();
  // Whoever was let in stays while the line is down: the server decides anyway what is told.
  if (me.data) return children;
  if (me.isPending) return <Loading what="your account" />;
  if (me.error) return <Trouble error={me.error} what="your account" again={() => void me.refetch()} />;
  return (
    <div className="narrow">
      <h1>Sign in first</h1>
      <p>{why}</p>
      <Link className="button primary" to={`/sign-in?next=${encodeURIComponent(pathname)}`}>
        Sign in
      </Link>
    </div>
  );
}
