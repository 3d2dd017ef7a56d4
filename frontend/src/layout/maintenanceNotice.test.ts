import { expect, test } from "vitest";
import { noticeOf } from "./MaintenanceNotice";

const state = (change: object) => ({ mode: "open" as const, message: "", until: null, since: null, ...change });

test("nothing is shown while nothing is announced", () => {
  expect(noticeOf(undefined)).toBe("");
  expect(noticeOf(state({ until: "2026-11-29T14:00:00Z" }))).toBe("");
});

test("an announcement is shown with its end", () => {
  const text = noticeOf(state({ message: "New compilers.", until: "2026-11-29T14:00:00Z" }));
  expect(text).toContain("New compilers. Expected end:");
});

test("the notice says what happens to submissions", () => {
  expect(noticeOf(state({ mode: "hold" }))).toContain("judged afterwards");
  expect(noticeOf(state({ mode: "refuse", message: "The database moves" }))).toBe(
    "The database moves. No submissions are taken for now.",
  );
});
