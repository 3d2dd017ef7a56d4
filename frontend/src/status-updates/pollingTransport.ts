import { call, callSince, type Versioned } from "../api/client";
import { ApiError } from "../api/ApiError";
import type { Status } from "../api/types";
import type { StatusListener, Transport } from "./transport";

const WAIT_SECONDS = 20;
const RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;
/** A long poll without news that returns sooner was not held: the server has too many of them. */
const HELD_MS = 500;

/** Long polling. It works wherever the API works. It closes only at a refusal that stays, such as 404. */
export class PollingTransport implements Transport {
  readonly name = "polling";

  follow(id: string, listener: StatusListener): () => void {
    const stop = new AbortController();
    void poll(id, listener, stop.signal);
    return () => stop.abort();
  }
}

/** Reads the status once; `null` when the request fails. */
export async function fetchStatus(id: string): Promise<Status | null> {
  try {
    return await call<Status>(`/status/${encodeURIComponent(id)}`);
  } catch {
    return null;
  }
}

async function poll(id: string, listener: StatusListener, signal: AbortSignal): Promise<void> {
  const path = `/status/${encodeURIComponent(id)}`;
  let delay = RETRY_MS;
  let tag: string | null = null;
  while (!signal.aborted) {
    const asked = Date.now();
    try {
      const wait: string = tag ? `?wait=${WAIT_SECONDS}` : "";
      const response: Versioned<Status> = await callSince<Status>(path + wait, tag, signal);
      tag = response.tag;
      if (response.answer) listener.onStatus(response.answer);
      const held = response.answer !== null || Date.now() - asked >= HELD_MS;
      delay = held ? RETRY_MS : Math.min(delay * 2, LONGEST_RETRY_MS);
    } catch (error) {
      if (signal.aborted) return;
      if (isPermanent(error)) {
        listener.onClosed();
        return;
      }
      delay = Math.min(delay * 2, LONGEST_RETRY_MS);
    }
    await pause(delay, signal);
  }
}

/** A 404 and the like will not change by retrying; a server error or a lost connection may. */
function isPermanent(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
