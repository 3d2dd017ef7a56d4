import { usePathname, useSearchParams } from "../lib/routing";

/** After signing in, these pages are not shown again: the home page, pages about signing in, and pages of used links. */
const NOT_RETURNED_TO = /^\/$|^\/(sign-in|sign-up|forgot-password|link|invited)(\/|$)/;

/** The query of a link to the sign-in page: the page that is shown now, with its own query. */
export function useSignInQuery(): string {
  const pathname = usePathname();
  const [query] = useSearchParams();
  if (NOT_RETURNED_TO.test(pathname)) return "";
  const next = query.size > 0 ? `${pathname}?${query}` : pathname;
  return `?next=${encodeURIComponent(next)}`;
}
