import { useEffect, useState } from "react";
import { useSearchParams } from "./routing";

type Filter<Name extends string> = Partial<Record<Name, string>>;

/** The pause before the address is written again. Safari allows 100 changes in 10 or 30 seconds. */
const RETRY_MS = 1000;

/** Filters kept in the URL's query, so that a filtered list can be bookmarked and shared. Only these names are read. */
export function useQueryFilters<Name extends string>(
  names: readonly Name[],
): [Filter<Name>, (name: Name, value: string) => void] {
  const [query, setQuery] = useQuery();
  const filter: Filter<Name> = {};
  for (const name of names) {
    const value = query.get(name);
    if (value) filter[name] = value;
  }
  const choose = (name: Name, value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    if (name !== "page") next.delete("page");
    setQuery(next);
  };
  return [filter, choose];
}

/** The URL's query. If the browser refuses to change the address so often, the change counts at once and is written later. */
function useQuery(): [URLSearchParams, (next: URLSearchParams) => void] {
  const [written, setWritten] = useSearchParams();
  const [unwritten, setUnwritten] = useState<URLSearchParams | null>(null);
  const write = (next: URLSearchParams) => {
    try {
      setWritten(next, { replace: true });
      setUnwritten(null);
    } catch {
      setUnwritten(next);
    }
  };
  useEffect(() => {
    if (unwritten === null) return;
    const timer = setInterval(() => write(unwritten), RETRY_MS);
    return () => clearInterval(timer);
  });
  return [unwritten ?? written, write];
}
