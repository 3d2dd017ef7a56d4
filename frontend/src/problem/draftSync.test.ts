import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadDrafts, sendLater, sendWaiting } from "./draftSync";
import { forgetDrafts, readDraft, saveDraft } from "./drafts";

const DRAFT = { owner: "ada", problem: "sum", language: "python3" };
const PATH = "/me/drafts/sum/python3";
const sent: [method: string, path: string, body: unknown][] = [];
let answer: () => Promise<Response>;

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
}

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  answer = async () => json({});
  vi.stubGlobal("fetch", async (path: string, options: RequestInit = {}) => {
    if (path === "/session") return json({ csrf_token: "token" });
    sent.push([options.method ?? "GET", path, options.body ? JSON.parse(String(options.body)) : null]);
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  forgetDrafts();
});

/** As a browser whose storage is closed for this site, or full. */
function closeStorage(): void {
  const refuse = () => {
    throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
  };
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(refuse);
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(refuse);
  vi.spyOn(Storage.prototype, "removeItem").mockImplementation(refuse);
}

test("a browser without storage sends what is typed, and does not delete the server's draft", async () => {
  closeStorage();
  saveDraft(DRAFT, "print(1)", "");
  sendLater(DRAFT);
  await vi.advanceTimersByTimeAsync(2000);
  expect(sent).toEqual([["PUT", PATH, { source: "print(1)" }]]);
});

test("a browser without storage shows the draft that the server has", async () => {
  closeStorage();
  answer = async () =>
    json({ drafts: [{ language: "python3", source: "print(2)", saved_at: "2026-11-30T10:00:00Z" }] });
  await loadDrafts("ada", "sum", new AbortController().signal);
  expect(readDraft(DRAFT)).toBe("print(2)");
});

test("what is typed while an earlier text is on its way is sent when the page is left", async () => {
  let arrive = () => {};
  answer = () => new Promise((resolve) => (arrive = () => resolve(json({}))));
  saveDraft(DRAFT, "print(1)", "");
  sendLater(DRAFT);
  await vi.advanceTimersByTimeAsync(1600);
  saveDraft(DRAFT, "print(12)", "");
  sendLater(DRAFT);
  arrive();
  await vi.advanceTimersByTimeAsync(0);
  sendWaiting();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.map(([, , body]) => body)).toEqual([{ source: "print(1)" }, { source: "print(12)" }]);
});
