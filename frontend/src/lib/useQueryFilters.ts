import { useSearchParams } from "./routing";

type Filter<Name extends string> = Partial<Record<Name, string>>;

/** Filters kept in the URL's query, so that a filtered list can be bookmarked and shared. Only these names are read. */
export function useQueryFilters<Name extends string>(
  names: readonly Name[],
): [Filter<Name>, (name: Name, value: string) => void] {
  const [query, setQuery] = useSearchParams();
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
    setQuery(next, { replace: true });
  };
  return [filter, choose];
}
