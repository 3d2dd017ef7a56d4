import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { stateKey, mergeQueues } from "./mergeQueues";
import type { Queues, WorkerRecord } from "./types";

/** An event of `GET /admin/stream`, sent at once and every two seconds, with only the new samples. */
interface AdminState extends Queues {
  workers: WorkerRecord[];
}

const RETRY_MS = 15_000;

/**
 * Writes the events of the admin stream into the query cache, so that the pages need not know of the stream. Returns
 * whether the stream is open. While it is closed, the pages poll.
 */
export function useAdminStream(): boolean {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [connection, setConnection] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reconnect = () => {
      timer = setTimeout(() => setConnection(connection + 1), RETRY_MS);
    };
    const source = openEventSource("/admin/stream");
    if (!source) return;
    const write = cacheWriter(queries);
    source.addEventListener("state", (event: MessageEvent<string>) => {
      write(JSON.parse(event.data) as AdminState);
      setOpen(true);
    });
    source.onerror = () => {
      setOpen(false);
      if (source.readyState === EventSource.CLOSED) reconnect();
    };
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries, connection]);
  return isOpen;
}

function cacheWriter(queries: QueryClient): (state: AdminState) => void {
  let before: string | undefined;
  return ({ workers, ...state }) => {
    queries.setQueryData(["admin", "workers"], { workers, reachable: state.reachable });
    for (const [key, shown] of queries.getQueriesData<Queues>({ queryKey: ["admin", "queues"] }))
      if (shown) queries.setQueryData(key, mergeQueues(shown, state, Number(key[2])));
    const now = stateKey(state);
    if (before !== undefined && before !== now) void queries.invalidateQueries({ queryKey: ["admin", "submissions"] });
    before = now;
  };
}

function openEventSource(url: string): EventSource | null {
  try {
    return new EventSource(url);
  } catch {
    return null; // blocked by policy or by an extension: the pages poll
  }
}
