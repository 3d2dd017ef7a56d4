import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useRef, useState } from "react";
import { TYPED, useTyped } from "../lib/useTyped";
import type { Edits } from "./edits";

const EDITS = "edits";
const NONE: Edits = new Map();

/**
 * Registers a change that is still being made, so that saving waits for it. The promise gives false if the change was
 * refused.
 */
export type Track = (work: Promise<boolean>) => void;
export const PendingChanges = createContext<Track>(() => {});

/**
 * The unsaved changes of one version of a problem. They outlive the page, so that going to another page and back loses
 * none; the browser asks before the tab is closed. They are removed when the account signs out.
 */
export function useEdits(slug: string, version: string) {
  const queries = useQueryClient();
  const typed = useTyped<Edits>([EDITS, slug, version], NONE);
  const change = (update: (before: Edits) => Edits) => {
    askBeforeClosing(queries);
    typed.change(update);
  };
  return { edits: typed.value, change, latest: typed.latest, discard: () => change(() => NONE) };
}

/** Returns a function that gives up the unsaved changes of a version. */
export function useDropEdits(slug: string): (version: string) => void {
  const queries = useQueryClient();
  return (version) => queries.removeQueries({ queryKey: [TYPED, EDITS, slug, version] });
}

const guarded = new WeakSet<QueryClient>();

function askBeforeClosing(queries: QueryClient): void {
  if (guarded.has(queries)) return;
  guarded.add(queries);
  addEventListener("beforeunload", (event) => {
    const all = queries.getQueriesData<Edits>({ queryKey: [TYPED, EDITS] });
    if (all.some(([, edits]) => edits && edits.size > 0)) event.preventDefault();
  });
}

/** The changes that are being made; `settle` waits for them and returns whether all were taken. */
export function usePendingChanges() {
  const pending = useRef(new Set<Promise<boolean>>());
  const [count, setCount] = useState(0);
  const track: Track = useCallback((work) => {
    pending.current.add(work);
    setCount(pending.current.size);
    void work.then(() => {
      pending.current.delete(work);
      setCount(pending.current.size);
    });
  }, []);
  const settle = async () => (await Promise.all(pending.current)).every(Boolean);
  return { track, settle, isWorking: count > 0 };
}
