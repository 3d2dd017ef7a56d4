import { useSyncExternalStore } from "react";

/** What the operator's last act came to. */
export interface Notice {
  text: string;
  isTrouble: boolean;
}

let last: Notice | null = null;
const listeners = new Set<() => void>();

export function say(text: string): void {
  put({ text, isTrouble: false });
}

export function sayTrouble(error: Error): void {
  put({ text: error.message, isTrouble: true });
}

export function forgetNotice(): void {
  put(null);
}

function put(notice: Notice | null): void {
  last = notice;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useNotice(): Notice | null {
  return useSyncExternalStore(subscribe, () => last);
}
