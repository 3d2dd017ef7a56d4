import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { call } from "../api/client";
import type { Status, Verdict } from "../api/types";
import type { OwnedStatus, Rejudged } from "./types";

/** A rejudged submission; `now` is `null` until it has been judged again. */
export interface ComparedVerdict extends Rejudged {
  now: Verdict | "FAILED" | null;
}

/** Whether the new result differs. An internal error has no verdict before, and is named now. */
export function hasChanged({ before, now }: Pick<ComparedVerdict, "before" | "now">): boolean {
  return now !== null && now !== (before ?? "FAILED");
}

const REFETCH_MS = 2000;
const MAX_TRACKED = 500;
let tracked: Rejudged[] = [];
const listeners = new Set<() => void>();

/** Track rejudged submissions, to compare their verdicts before and after. */
export function trackRejudged(more: Rejudged[], isNew = false): void {
  const fresh = new Set(more.map((one) => one.id));
  const kept = isNew ? [] : tracked.filter((one) => !fresh.has(one.id));
  tracked = [...more, ...kept].slice(0, MAX_TRACKED);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All submissions rejudged since the page was opened; refetched until each has its new verdict. */
export function useRejudgeComparison(): ComparedVerdict[] {
  const wanted = useSyncExternalStore(subscribe, () => tracked);
  const query = useQuery({
    queryKey: ["rejudged", wanted],
    queryFn: ({ signal }) => compare(wanted, signal),
    enabled: wanted.length > 0,
    placeholderData: (before) => before,
    refetchInterval: (found) => (found.state.data?.every((one) => one.now) ? false : REFETCH_MS),
  });
  const known = new Map(query.data?.map((one) => [one.id, one.now]));
  return wanted.map((one) => ({ ...one, now: known.get(one.id) ?? null }));
}

async function compare(wanted: Rejudged[], signal: AbortSignal): Promise<ComparedVerdict[]> {
  const open = await unfinishedIds(signal);
  return Promise.all(
    wanted.map(async (one) => ({ ...one, now: open.has(one.id) ? null : await verdictOf(one.id, signal) })),
  );
}

/** The submissions that are not judged yet. Such a rejudged submission still shows its old verdict. */
async function unfinishedIds(signal: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = new URLSearchParams({ unfinished: "true", limit: "200", ...(cursor ? { cursor } : {}) });
    const page: { submissions: OwnedStatus[]; cursor: string | null } = await call(`/admin/submissions?${query}`, {
      signal,
    });
    for (const one of page.submissions) ids.add(one.id);
    cursor = page.cursor;
  }
  return ids;
}

async function verdictOf(id: string, signal: AbortSignal): Promise<ComparedVerdict["now"]> {
  const status = await call<Status>(`/status/${id}`, { signal });
  return status.verdict ?? "FAILED";
}
