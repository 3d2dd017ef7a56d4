import { call } from "../api/client";
import type { Draft } from "../api/types";
import { adoptVisitorDrafts, type DraftKey, markSaved, mergeDrafts, readDraft } from "./drafts";

const PAUSE_MS = 1500;
const LOAD_TIMEOUT_MS = 3000;

/** Drafts that the server does not have yet. Each is sent once its typing pauses. */
const waiting = new Map<string, Waiting>();

interface Waiting {
  draft: DraftKey;
  timer: number;
}

function pathOf({ problem, language }: DraftKey): string {
  return `/me/drafts/${encodeURIComponent(problem)}/${encodeURIComponent(language)}`;
}

/** Sends a draft of an account to the server after a pause; a visitor's stays in this browser. */
export function sendLater(draft: DraftKey, delay = PAUSE_MS): void {
  if (draft.owner === "") return;
  const key = pathOf(draft);
  clearTimeout(waiting.get(key)?.timer);
  const entry: Waiting = { draft, timer: window.setTimeout(() => void send(entry), delay) };
  waiting.set(key, entry);
}

async function send(entry: Waiting): Promise<void> {
  const { draft } = entry;
  const path = pathOf(draft);
  const text = readDraft(draft);
  try {
    if (text === null) await call(path, { method: "DELETE" });
    else await call(path, { method: "PUT", body: { source: text } });
    // What was typed meanwhile still waits.
    if (waiting.get(path) === entry) waiting.delete(path);
    if (text !== null) markSaved(draft, text);
  } catch {
    // The draft stays in this browser and is sent with the next change, or when the connection is back.
  }
}

/** Sends the waiting drafts now. Called when the page is left, or when the connection is back. */
export function sendWaiting(): void {
  for (const entry of waiting.values()) {
    clearTimeout(entry.timer);
    void send(entry);
  }
}

/** Drops the waiting drafts at sign-out. */
export function forgetWaiting(): void {
  for (const { timer } of waiting.values()) clearTimeout(timer);
  waiting.clear();
}

/** Reads the account's drafts for a problem from the server into this browser. */
export async function loadDrafts(owner: string, problem: string, signal: AbortSignal): Promise<boolean> {
  const path = `/me/drafts/${encodeURIComponent(problem)}`;
  const { drafts } = await call<{ drafts: Draft[] }>(path, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(LOAD_TIMEOUT_MS)]),
  });
  mergeDrafts(owner, problem, drafts);
  adoptVisitorDrafts(owner, problem);
  return true;
}

window.addEventListener("online", sendWaiting);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && sendWaiting());
