import { call, callSince, type Versioned } from "../wire/client";
import { Problem } from "../wire/problem";
import type { Status } from "../wire/types";
import type { Ears, Road } from "./road";

const WAIT_SECONDS = 20;
const BREATH_MS = 100;
const LONGEST_BREATH_MS = 5000;

/** Long polling: works wherever the API itself works, so this road never closes by itself on a bad line. */
export class PollingRoad implements Road {
  readonly name = "polling";

  follow(id: string, ears: Ears): () => void {
    const stop = new AbortController();
    void ask(id, ears, stop.signal);
    return () => stop.abort();
  }
}

/** One question; `null` when there is no answer now. */
export async function glance(id: string): Promise<Status | null> {
  try {
    return await call<Status>(`/status/${encodeURIComponent(id)}`);
  } catch {
    return null;
  }
}

async function ask(id: string, ears: Ears, signal: AbortSignal): Promise<void> {
  const path = `/status/${encodeURIComponent(id)}`;
  let breath = BREATH_MS;
  let tag: string | null = null;
  while (!signal.aborted) {
    try {
      const wait: string = tag ? `?wait=${WAIT_SECONDS}` : "";
      const told: Versioned<Status> = await callSince<Status>(path + wait, tag, signal);
      tag = told.tag;
      if (told.answer) ears.heard(told.answer);
      breath = BREATH_MS;
    } catch (error) {
      if (signal.aborted) return;
      if (isRefusal(error)) {
        ears.closed(error.message);
        return;
      }
      breath = Math.min(breath * 2, LONGEST_BREATH_MS);
    }
    await pause(breath, signal);
  }
}

/** 404 and the like will not change by asking again; a fault of the server or the line may. */
function isRefusal(error: unknown): error is Problem {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
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
