import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { applyMessage, type StandingsMessage } from "./liveStandings";
import type { Standings } from "./types";

const RETRY_MS = 15_000;

/**
 * Writes what the stream of standings says into the query cache. Returns whether the stream is open: without it the
 * standings are asked for again and again.
 */
export function useLiveStandings(slug: string, isPublic: boolean): boolean {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [connection, setConnection] = useState(0);
  useEffect(() => {
    const key = ["events", slug, "standings", isPublic];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource;
    try {
      source = new EventSource(`/events/${encodeURIComponent(slug)}/stream?public=${isPublic}`);
    } catch {
      return; // blocked by policy or by an extension: the page polls
    }
    source.addEventListener("standings", (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as StandingsMessage;
      const after = applyMessage(queries.getQueryData<Standings>(key), message);
      // An answer that is on its way may be older than this message, and would replace it.
      if (after && !queries.isFetching({ queryKey: key, exact: true })) queries.setQueryData(key, after);
      else void queries.invalidateQueries({ queryKey: key });
      // If no row has changed, the reason for this message is a new question or answer. The messages are not read
      // after each verdict, since all members would read them at once. The next poll finds messages that came
      // together with a verdict.
      if (message.whole || message.rows.length === 0)
        void queries.invalidateQueries({ queryKey: ["events", slug, "messages"] });
    });
    source.onopen = () => setOpen(true);
    source.onerror = () => {
      setOpen(false);
      // The browser gives up at an error of the server or of a proxy, as while the server is restarted.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(() => setConnection(connection + 1), RETRY_MS);
    };
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries, slug, isPublic, connection]);
  return isOpen;
}
