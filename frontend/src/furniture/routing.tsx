import type { ReactNode } from "react";
import { useLocation, Link as WouterLink } from "wouter";

export { Redirect, Route, Switch, useParams, useSearchParams } from "wouter";

interface LinkProps {
  to: string;
  className?: string;
  children: ReactNode;
}

/** A link within these pages: the page changes without being loaded anew. */
export function Link({ to, ...rest }: LinkProps) {
  return <WouterLink href={to} {...rest} />;
}

/** A link of a menu, which says when one is there; with `end` not on what lies below it. */
export function NavLink({ to, end = false, children }: { to: string; end?: boolean; children: ReactNode }) {
  const isHere = leadsTo(to, usePathname(), end);
  return (
    <WouterLink href={to} className={isHere ? "active" : ""} aria-current={isHere ? "page" : undefined}>
      {children}
    </WouterLink>
  );
}

export function leadsTo(to: string, pathname: string, end: boolean): boolean {
  const [target, here] = [to, pathname].map((path) => path.replace(/\/$/, "")) as [string, string];
  return here === target || (!end && here.startsWith(`${target}/`));
}

export function usePathname(): string {
  return useLocation()[0];
}

/** Goes to another page; with `replace` the one before is not in the browser's history. */
export function useNavigate(): (to: string, how?: { replace?: boolean }) => void {
  return useLocation()[1];
}
