import { useSearchParams } from "./routing";

type Filter<Name extends string> = Partial<Record<Name, string>>;

/** Filters that are in the address: a filtered list can be kept and shared. Only these names are read. */
export function useAddressFilter<Name extends string>(
  names: readonly Name[],
): [Filter<Name>, (name: Name, value: string) => void] {
  const [address, setAddress] = useSearchParams();
  const filter: Filter<Name> = {};
  for (const name of names) {
    const value = address.get(name);
    if (value) filter[name] = value;
  }
  const choose = (name: Name, value: string) => {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    setAddress(next, { replace: true });
  };
  return [filter, choose];
}
