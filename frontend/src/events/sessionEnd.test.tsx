import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/ApiError";
import { setSession } from "../api/session";
import { useCurrentAccount } from "../auth/queries";
import { useEvent } from "./queries";

let queries: QueryClient;

beforeEach(() => {
  vi.useFakeTimers();
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  setSession(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  queries.clear();
});

function usePage() {
  useEvent("finals");
  return useCurrentAccount();
}

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const now = "2026-11-30T10:00:00Z";

test.each([
  ["shows itself to visitors", () => Response.json({ slug: "finals", role: "viewer", now })],
  ["is hidden from visitors", () => Response.json({ type: "/errors/not-found" }, { status: 404 })],
])("a page of an event that %s notices that the session has ended", async (_, toVisitor) => {
  let hasEnded = false;
  vi.stubGlobal("fetch", async (path: string) => {
    if (path === "/me")
      return hasEnded
        ? Response.json({ type: "/errors/unauthorized" }, { status: 401 })
        : Response.json({ id: "j", name: "juror", role: "author" });
    return hasEnded ? toVisitor() : Response.json({ slug: "finals", role: "jury", now });
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const shown = renderHook(usePage, { wrapper }).result;
  await wait(50);
  expect(shown.current.error).toBeNull();
  hasEnded = true;
  await wait(11_000);
  expect(shown.current.error).toBeInstanceOf(ApiError);
  expect((shown.current.error as ApiError).needsSignIn).toBe(true);
  expect(shown.current.data?.name).toBe("juror");
});
