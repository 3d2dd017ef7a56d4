import type { QueryClient } from "@tanstack/react-query";
import { assumeSession } from "../api/session";

type News = "session" | "submitted";

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("gavel");

/** Tells the other tabs of this browser that somebody signed in or out, or that something was submitted. */
export function tellOtherTabs(news: News): void {
  channel?.postMessage(news);
}

/** Reads again what another tab has changed. */
export function listenToOtherTabs(queries: QueryClient): void {
  channel?.addEventListener("message", ({ data }: MessageEvent<News>) => {
    if (data === "session") {
      assumeSession();
      void queries.invalidateQueries();
    } else void queries.invalidateQueries({ queryKey: ["submissions"] });
  });
}
