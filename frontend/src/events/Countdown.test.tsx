import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Countdown } from "./Countdown";
import type { TimedEvent } from "./queries";

const HERE = Date.parse("2020-01-01T00:00:00Z");
const SERVER = Date.parse("2026-11-30T10:00:00Z");

/** An event whose state was read while this computer's clock was years behind the server's. */
function event(changes: Partial<TimedEvent>): TimedEvent {
  return {
    starts_at: "2026-11-30T09:00:00Z",
    ends_at: "2026-11-30T11:00:00Z",
    paused_at: null,
    member: null,
    clock: SERVER - HERE,
    ...changes,
  } as TimedEvent;
}

function show(changes: Partial<TimedEvent> = {}): string {
  render(
    <I18nProvider i18n={i18n}>
      <Countdown event={event(changes)} />
    </I18nProvider>,
  );
  return screen.getByRole("timer").textContent ?? "";
}

beforeEach(() => {
  vi.useFakeTimers({ now: HERE });
});
afterEach(() => {
  vi.useRealTimers();
});

test("the countdown follows the server's clock when this computer's clock is wrong", () => {
  expect(show()).toBe("ends in 1:00:00");
  act(() => vi.advanceTimersByTime(61_000));
  expect(screen.getByRole("timer").textContent).toBe("ends in 0:58:59");
});

test("the countdown counts to the start before the start, and says after the end that the event has ended", () => {
  expect(show({ starts_at: "2026-11-30T10:30:00Z" })).toBe("starts in 0:30:00");
  document.body.replaceChildren();
  expect(show({ ends_at: "2026-11-30T09:59:00Z" })).toBe("ended ");
});

test("a paused event's countdown stands still at the pause", () => {
  expect(show({ paused_at: "2026-11-30T09:30:00Z" })).toBe("paused, ends in 1:30:00");
  act(() => vi.advanceTimersByTime(5_000));
  expect(screen.getByRole("timer").textContent).toBe("paused, ends in 1:30:00");
});
