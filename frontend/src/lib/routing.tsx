import { type ReactNode, useEffect, useState } from "react";
import { useLocation, Link as WouterLink } from "wouter";

export { Redirect, Route, Switch, useParams, useSearchParams } from "wouter";

interface LinkProps {
  to: string;
  className?: string;
  children: ReactNode;
}

/** A link within these pages; navigates without a reload. */
export function Link({ to, ...rest }: LinkProps) {
  return <WouterLink href={to} {...rest} />;
}

/** A menu link that is marked on its own page and on the pages below it; with `end` only on its own. */
export function NavLink({ to, end = false, children }: { to: string; end?: boolean; children: ReactNode }) {
  const isCurrent = matchesPath(to, usePathname(), end);
  return (
    <WouterLink href={to} className={isCurrent ? "active" : ""} aria-current={isCurrent ? "page" : undefined}>
      {children}
    </WouterLink>
  );
}

export function matchesPath(to: string, pathname: string, end: boolean): boolean {
  const [target, current] = [to, pathname].map((path) => path.replace(/\/$/, "")) as [string, string];
  return current === target || (!end && current.startsWith(`${target}/`));
}

export function usePathname(): string {
  return useLocation()[0];
}

/** The id of the element that the link "Skip to the content" names. */
export const CONTENT = "content";

/** The part of the address after the #. Another link that is opened in the same tab changes only this, without a reload. */
export function useHash(): string {
  const [hash, setHash] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const read = () => {
      const next = location.hash.slice(1);
      if (next !== CONTENT) setHash(next);
    };
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return hash;
}

/** Goes to another page. With `replace` the browser's history leaves out the present page. */
export function useNavigate(): (to: string, options?: { replace?: boolean }) => void {
  return useLocation()[1];
}
