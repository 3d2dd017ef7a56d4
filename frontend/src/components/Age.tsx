import { useSyncExternalStore } from "react";
import { formatAge } from "../lib/format";

const TICK_MS = 10_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: number | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How long ago something was, updated as time passes. */
export function Age({ time }: { time: string | null | undefined }) {
  const moment = useSyncExternalStore(subscribe, () => now);
  return formatAge(time, Math.max(moment, Date.now() - TICK_MS));
}
