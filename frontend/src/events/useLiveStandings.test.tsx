import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useMessages, useStandings } from "./queries";
import { useLiveStandings } from "./useLiveStandings";

const sources: Source[] = [];
let queries: QueryClient;
let version = 0;

/** A stream that fails as the browser's does. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    sources.push(this);
  }

  fail(): void {
    this.readyState = Source.CLOSED;
    this.onerror?.();
  }

  close(): void {
    this.readyState = Source.CLOSED;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  sources.length = 0;
  version = 0;
  queries = new QueryClient();
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("fetch", async () => {
    version++;
    return new Response(JSON.stringify({ scoring: "icpc", version: String(version), problems: [], rows: [] }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  queries.clear();
});

function useScoreboard() {
  const isLive = useLiveStandings("finals", true);
  return { isLive, version: useStandings("finals", true, isLive).data?.version };
}

function useMember() {
  useLiveStandings("finals", true);
  useMessages("finals", true);
}

function show() {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  return renderHook(useScoreboard, { wrapper }).result;
}

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("a scoreboard whose stream was closed by an error opens it again", async () => {
  const shown = show();
  await wait(0);
  act(() => sources[0]?.onopen?.());
  expect(shown.current.isLive).toBe(true);
  act(() => sources[0]?.fail());
  expect(shown.current.isLive).toBe(false);
  await wait(20_000);
  expect(sources.length).toBeGreaterThan(1);
  act(() => sources.at(-1)?.onopen?.());
  expect(shown.current.isLive).toBe(true);
});

test("without its stream a scoreboard asks for the standings again and again", async () => {
  const shown = show();
  await wait(0);
  await wait(25_000);
  expect(Number(shown.current.version)).toBeGreaterThanOrEqual(3);
  act(() => sources.at(-1)?.onopen?.());
  const before = version;
  await wait(60_000);
  expect(version).toBe(before);
});

test("the messages are asked for when the stream reports a new message, and not after each verdict", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return Response.json({ scoring: "icpc", version: "1.1", problems: [], rows: [], messages: [] });
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  renderHook(useMember, { wrapper });
  await wait(0);
  act(() => sources[0]?.onopen?.());
  const say = async (rows: unknown[]) => {
    const before = asked.filter((path) => path.endsWith("/messages")).length;
    const data = JSON.stringify({ whole: false, version: "1.2", rows, order: ["a"] });
    act(() => void sources[0]?.dispatchEvent(new MessageEvent("standings", { data })));
    await wait(10);
    return asked.filter((path) => path.endsWith("/messages")).length - before;
  };
  expect(await say([{ member: "a" }])).toBe(0);
  expect(await say([])).toBe(1);
});
