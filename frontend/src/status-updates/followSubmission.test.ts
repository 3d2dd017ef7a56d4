import { expect, test, vi } from "vitest";
import type { Status } from "../api/types";
import { isNewer } from "./statusOrder";
import type { StatusListener, Transport } from "./transport";
import { followSubmission } from "./followSubmission";

function status(change: Partial<Status>): Status {
  return { id: "1", stage: "QUEUED", attempt: 1, tests_done: 0, tests_total: 3, ...change } as Status;
}

/** A transport that the test drives. */
class FakeTransport implements Transport {
  readonly name = "websocket";
  listener: StatusListener | null = null;
  unfollowed = 0;

  follow(_id: string, listener: StatusListener): () => void {
    this.listener = listener;
    return () => {
      this.unfollowed += 1;
    };
  }
}

function follow(...transports: Transport[]) {
  const seen: string[] = [];
  const onError = vi.fn();
  const stop = followSubmission(
    "1",
    { onStatus: (one) => seen.push(`${one.stage} ${one.tests_done}`), onError },
    transports,
  );
  return { seen, onError, stop };
}

test("a status never moves backwards, whatever order the updates arrive in", () => {
  const transport = new FakeTransport();
  const { seen } = follow(transport);
  transport.listener?.onStatus(status({ stage: "RUNNING", tests_done: 2 }));
  transport.listener?.onStatus(status({ stage: "RUNNING", tests_done: 1 }));
  transport.listener?.onStatus(status({ stage: "DONE", tests_done: 3 }));
  transport.listener?.onStatus(status({ stage: "RUNNING", tests_done: 3 }));
  expect(seen).toEqual(["RUNNING 2", "DONE 3"]);
});

test("a closed transport is replaced by the next, and no status is delivered twice", () => {
  const [first, second] = [new FakeTransport(), new FakeTransport()];
  const { seen, onError } = follow(first, second);
  first.listener?.onStatus(status({ stage: "COMPILING" }));
  first.listener?.onClosed();
  second.listener?.onStatus(status({ stage: "COMPILING" }));
  second.listener?.onStatus(status({ stage: "DONE" }));
  expect(seen).toEqual(["COMPILING 0", "DONE 0"]);
  expect(onError).not.toHaveBeenCalled();
});

test("when the last transport closes, an error is reported", () => {
  const transport = new FakeTransport();
  const { onError } = follow(transport);
  transport.listener?.onClosed();
  expect(onError).toHaveBeenCalledOnce();
});

test("following ends with the final status", () => {
  const transport = new FakeTransport();
  follow(transport);
  transport.listener?.onStatus(status({ stage: "FAILED" }));
  expect(transport.unfollowed).toBe(1);
});

test("a new attempt is newer than a later stage of the attempt before", () => {
  const running = status({ stage: "RUNNING", tests_done: 2 });
  expect(isNewer(status({ stage: "QUEUED", attempt: 2 }), running)).toBe(true);
  expect(isNewer(running, status({ stage: "DONE" }))).toBe(false);
});

test("a silent transport is detected by one request and replaced", async () => {
  vi.useFakeTimers();
  const answer = { ok: true, status: 200, json: () => Promise.resolve(status({ stage: "DONE", tests_done: 3 })) };
  vi.stubGlobal("fetch", () => Promise.resolve(answer));
  const [silent, last] = [new FakeTransport(), new FakeTransport()];
  const { seen, onError } = follow(silent, last);
  await vi.advanceTimersByTimeAsync(10_500);
  expect(seen).toEqual(["DONE 3"]);
  expect(silent.unfollowed).toBeGreaterThan(0);
  expect(onError).not.toHaveBeenCalled();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
