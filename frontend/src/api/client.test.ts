import { afterEach, expect, test, vi } from "vitest";
import { call, download } from "./client";

const OFFLINE = "The server cannot be reached. Check the connection and try again.";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  [
    "an answer that is not the server's, such as a sign-in page of a network",
    new Response("<html>Sign in to the hotel"),
  ],
  ["an answer that was cut off", new Response('{"problems": [')],
])("%s is explained in plain words", async (_, answer) => {
  vi.stubGlobal("fetch", async () => answer);
  await expect(call("/problems")).rejects.toThrow(OFFLINE);
});

test("a download without a connection is explained in plain words", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(download("/admin/problems/sum/versions/1/package")).rejects.toThrow(OFFLINE);
});
