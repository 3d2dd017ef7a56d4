import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { call } from "../api/client";
import type { Status, Verdict } from "../api/types";
import type { OwnedStatus, Rejudged } from "./types";

/** A rejudged submission; `now` is `null` until it has been judged again. */
export interface ComparedVerdict extends Rejudged {
  now: Verdict | "FAILED" | null;
}

/** Whether the new result differs. An internal error is `null` in `before` and `FAILED` in `now`. */
export function hasChanged({ before, now }: Pick<ComparedVerdict, "before" | "now">): boolean {
  return now !== null && now !== (before ?? "FAILED");
}

const REFETCH_MS = 2000;
export const MAX_TRACKED = 500;
/** As many statuses as the server gives at once. */
const MOST_STATUSES = 100;
const GONE = "GONE";
type Now = Verdict | "FAILED" | typeof GONE;
let tracked: Rejudged[] = [];
/** The new verdicts that are known, by id. They are not asked for again. */
const decided = new Map<string, Now>();
const listeners = new Set<() => void>();

/** Track rejudged submissions, to compare their verdicts before and after. */
export function trackRejudged(more: Rejudged[], isNew = false): void {
  const fresh = new Set(more.map((one) => one.id));
  const kept = isNew ? [] : tracked.filter((one) => !fresh.has(one.id));
  tracked = [...more, ...kept].slice(0, MAX_TRACKED);
  for (const id of fresh) decided.delete(id);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The submissions that were rejudged last, at most MAX_TRACKED. Refetched until each is judged or deleted. */
export function useRejudgeComparison(): ComparedVerdict[] {
  const wanted = useSyncExternalStore(subscribe, () => tracked);
  const query = useQuery({
    queryKey: ["rejudged", wanted],
    queryFn: ({ signal }) => newVerdicts(wanted, signal),
    enabled: wanted.length > 0,
    placeholderData: (before) => before,
    refetchInterval: (found) => (wanted.every(({ id }) => found.state.data?.[id]) ? false : REFETCH_MS),
  });
  return wanted.flatMap((one) => {
    const now = query.data?.[one.id] ?? null;
    return now === GONE ? [] : [{ ...one, now }];
  });
}

/** The new verdicts by id, without those of submissions that are being judged. */
async function newVerdicts(wanted: Rejudged[], signal: AbortSignal): Promise<Record<string, Now>> {
  const undecided = wanted.map(({ id }) => id).filter((id) => !decided.has(id));
  const open = undecided.length > 0 ? await unfinishedIds(signal) : new Set();
  const ended = undecided.filter((id) => !open.has(id));
  for (let at = 0; at < ended.length; at += MOST_STATUSES)
    await readVerdicts(ended.slice(at, at + MOST_STATUSES), signal);
  const known = wanted.map(({ id }) => [id, decided.get(id)] as const);
  return Object.fromEntries(known.filter((pair): pair is [string, Now] => pair[1] !== undefined));
}

/** The submissions that are not judged yet. A rejudged submission among them still shows its old verdict. */
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

async function readVerdicts(ids: string[], signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ ids: ids.join(",") });
  const { statuses } = await call<{ statuses: (Status | null)[] }>(`/statuses?${query}`, { signal });
  // If a submission was rejudged once more meanwhile, another query has begun and this query was aborted.
  if (signal.aborted) return;
  ids.forEach((id, place) => {
    const status = statuses[place];
    decided.set(id, status ? (status.verdict ?? "FAILED") : GONE);
  });
}
