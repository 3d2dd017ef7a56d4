import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { footprint, joined } from "./samples";
import type { Queues, WorkerCard } from "./wire";

/** What `GET /admin/stream` tells at once and every two seconds; of the samples only those that are new. */
interface Told extends Queues {
  workers: WorkerCard[];
}

const TRY_AGAIN_MS = 15_000;

/**
 * The one stream behind all of the operator's rooms: what it tells goes into what was asked for, so that the rooms
 * need not know of it. False while nothing is heard; then they ask by themselves, every few seconds.
 */
export function useOperatingStream(): boolean {
  const queries = useQueryClient();
  const [isHeard, setHeard] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let later: ReturnType<typeof setTimeout> | undefined;
    const again = () => {
      later = setTimeout(() => setTurn(turn + 1), TRY_AGAIN_MS);
    };
    const source = makeSource("/admin/stream");
    if (!source) return;
    const pass = passOn(queries);
    source.addEventListener("state", (event: MessageEvent<string>) => {
      pass(JSON.parse(event.data) as Told);
      setHeard(true);
    });
    source.onerror = () => {
      setHeard(false);
      if (source.readyState === EventSource.CLOSED) again();
    };
    return () => {
      clearTimeout(later);
      source.close();
    };
  }, [queries, turn]);
  return isHeard;
}

function passOn(queries: QueryClient): (told: Told) => void {
  let before: string | undefined;
  return ({ workers, ...state }) => {
    queries.setQueryData(["operating", "workers"], { workers });
    for (const [key, shown] of queries.getQueriesData<Queues>({ queryKey: ["operating", "queues"] }))
      if (shown) queries.setQueryData(key, joined(shown, state, Number(key[2])));
    const now = footprint(state);
    if (before !== undefined && before !== now)
      void queries.invalidateQueries({ queryKey: ["operating", "submissions"] });
    before = now;
  };
}

function makeSource(url: string): EventSource | null {
  try {
    return new EventSource(url);
  } catch {
    return null; // blocked by policy or by an extension: asking goes on
  }
}
