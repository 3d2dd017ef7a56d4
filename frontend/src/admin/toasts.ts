import { useSyncExternalStore } from "react";
import { ApiError } from "../api/ApiError";

/** The result of the last admin action. */
export interface Toast {
  text: string;
  isError: boolean;
}

let current: Toast | null = null;
const listeners = new Set<() => void>();

export function showToast(text: string): void {
  setToast({ text, isError: false });
}

export function showErrorToast(error: Error): void {
  setToast({ text: error instanceof ApiError ? error.summary : error.message, isError: true });
}

export function dismissToast(): void {
  setToast(null);
}

function setToast(toast: Toast | null): void {
  current = toast;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useToast(): Toast | null {
  return useSyncExternalStore(subscribe, () => current);
}
