import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { applyMessage, type StandingsMessage } from "./liveStandings";
import type { Standings } from "./types";

/** Writes what the stream of standings says into the query cache. Returns whether the stream is open. */
export function useLiveStandings(slug: string, isPublic: boolean): boolean {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const key = ["events", slug, "standings", isPublic];
    let source: EventSource;
    try {
      source = new EventSource(`/events/${encodeURIComponent(slug)}/stream?public=${isPublic}`);
    } catch {
      return; // blocked by policy or by an extension: the page polls
    }
    source.addEventListener("standings", (event: MessageEvent<string>) => {
      const after = applyMessage(queries.getQueryData<Standings>(key), JSON.parse(event.data) as StandingsMessage);
      if (after) queries.setQueryData(key, after);
      else void queries.invalidateQueries({ queryKey: key });
      // The message may say that the event changed because of a new question or answer, not of a result.
      void queries.invalidateQueries({ queryKey: ["events", slug, "messages"] });
    });
    source.onopen = () => setOpen(true);
    source.onerror = () => setOpen(false);
    return () => source.close();
  }, [queries, slug, isPublic]);
  return isOpen;
}
