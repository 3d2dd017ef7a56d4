import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { call } from "../wire/client";
import type { Status, Verdict } from "../wire/types";
import type { OwnedStatus, Rejudged } from "./wire";

/** One that was rejudged: `now` is there once it has been judged again. */
export interface Compared extends Rejudged {
  now: Verdict | "FAILED" | null;
}

const LOOK_MS = 2000;
const MOST = 500;
let asked: Rejudged[] = [];
const listeners = new Set<() => void>();

/** Remember what was sent to be judged again, to set the verdicts before and after beside each other. */
export function compareLater(more: Rejudged[], anew = false): void {
  const fresh = new Set(more.map((one) => one.id));
  const kept = anew ? [] : asked.filter((one) => !fresh.has(one.id));
  asked = [...more, ...kept].slice(0, MOST);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All that was rejudged since the page was opened; asked about until each has its new verdict. */
export function useCompared(): Compared[] {
  const wanted = useSyncExternalStore(subscribe, () => asked);
  const query = useQuery({
    queryKey: ["rejudged", wanted],
    queryFn: ({ signal }) => compare(wanted, signal),
    enabled: wanted.length > 0,
    placeholderData: (before) => before,
    refetchInterval: (found) => (found.state.data?.every((one) => one.now) ? false : LOOK_MS),
  });
  const known = new Map(query.data?.map((one) => [one.id, one.now]));
  return wanted.map((one) => ({ ...one, now: known.get(one.id) ?? null }));
}

async function compare(wanted: Rejudged[], signal: AbortSignal): Promise<Compared[]> {
  const open = await openIds(signal);
  return Promise.all(
    wanted.map(async (one) => ({ ...one, now: open.has(one.id) ? null : await verdictOf(one.id, signal) })),
  );
}

/** A verdict stands until the new one is there; only the list of what is unfinished tells which one it is. */
async function openIds(signal: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = new URLSearchParams({ unfinished: "true", limit: "200", ...(cursor ? { cursor } : {}) });
    const page: { submissions: OwnedStatus[]; cursor: string | null } = await call(
      `/admin/submissions?${query}`,
      { signal },
    );
    for (const one of page.submissions) ids.add(one.id);
    cursor = page.cursor;
  }
  return ids;
}

async function verdictOf(id: string, signal: AbortSignal): Promise<Compared["now"]> {
  const status = await call<Status>(`/status/${id}`, { signal });
  return status.verdict ?? "FAILED";
}
