import { expect, test } from "vitest";
import { whatNext } from "./names";
import type { EventState } from "./types";

const WINDOW = { start: "2026-11-30T09:00:00Z", end: "2026-11-30T11:00:00Z", hard_end: "2026-11-30T11:00:00Z" };

function next(changes: object, isSignedIn = true): string {
  const event = {
    phase: "running",
    role: "viewer",
    joining: "open",
    rules: { length_minutes: null },
    member: null,
    paused_at: null,
    now: "2026-11-30T10:00:00Z",
    ends_at: "2026-11-30T11:00:00Z",
    ...changes,
  };
  return whatNext(event as unknown as EventState, isSignedIn);
}

test("the jury reads what it can do, also before the start, when it sees the problems already", () => {
  const toJury = next({ role: "jury" });
  expect(toJury).toMatch(/^You belong to the jury/);
  expect(next({ role: "jury", phase: "before" })).toBe(toJury);
});

test("members with their own time read before the event that they start it themselves", () => {
  expect(next({ role: "member", phase: "before", rules: { length_minutes: 60 } })).toContain("start your own time");
  expect(next({ role: "member", phase: "before" })).toBe("The problems are shown when it starts.");
});

test("a visitor of an open event reads that signing in comes first", () => {
  expect(next({}, false)).toBe("Sign in to join and take part.");
  expect(next({ joining: "closed" }, false)).toBe("You are not a member of this event.");
  expect(next({ may_join: true })).toBe("Join to take part.");
  expect(next({ phase: "final" })).toBe("The event has ended.");
});

test("a member who is in another exam does not read that the time is over", () => {
  const member = { window: WINDOW };
  expect(next({ role: "member", member })).toContain("in an exam now");
  expect(next({ role: "member", member, now: WINDOW.hard_end })).toBe("Your time is over.");
  expect(next({ role: "member", member: { window: null }, now: WINDOW.end })).toBe("The event has ended.");
});
