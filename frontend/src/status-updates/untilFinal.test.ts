import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { untilFinal } from "./untilFinal";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a server that does not hold requests is asked once a second until the run has ended", async () => {
  let asked = 0;
  let stage = "QUEUED";
  vi.stubGlobal("fetch", async () => {
    asked++;
    return new Response(JSON.stringify({ id: "r1", stage }));
  });
  const ended = untilFinal("r1");
  await vi.advanceTimersByTimeAsync(3500);
  expect(asked).toBe(4);
  stage = "DONE";
  await vi.advanceTimersByTimeAsync(1000);
  expect((await ended).stage).toBe("DONE");
});
