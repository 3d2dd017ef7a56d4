import { hashKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";

/** The first part of the keys under which typed values are in the cache. */
export const TYPED = "typed";
const KEPT = { gcTime: Number.POSITIVE_INFINITY };

/**
 * The values that a person has typed into a form and not sent yet; `nothing` before. They outlive the page, so that
 * going to another page and back loses nothing. They are removed when the account signs out. `name` says which form it is.
 *
 * The value is in the cache of answers, and no query reads it. A query would be read again when another tab signs in, and
 * would show a change only after the event that made it: the caret would jump to the end of the text.
 */
export function useTyped<Value>(name: readonly string[], nothing: Value) {
  const queries = useQueryClient();
  const key = [TYPED, ...name];
  const latest = () => queries.getQueryData<Value>(key) ?? nothing;
  const hash = hashKey(key);
  const subscribe = useCallback(
    (changed: () => void) => queries.getQueryCache().subscribe(({ query }) => query.queryHash === hash && changed()),
    [queries, hash],
  );
  const value = useSyncExternalStore(subscribe, latest);
  const change = (update: (before: Value) => Value) => {
    queries.setQueryDefaults([TYPED], KEPT);
    queries.setQueryData<Value>(key, update(latest()));
  };
  return { value, latest, change };
}

/** A text that is typed. `sent` empties it, unless it was changed after sending. */
export function useTypedText(...name: string[]) {
  const { value, change } = useTyped(name, "");
  return {
    text: value,
    setText: (next: string) => change(() => next),
    sent: (text: string) => change((now) => (now === text ? "" : now)),
  };
}
