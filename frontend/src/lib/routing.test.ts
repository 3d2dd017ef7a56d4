import { expect, test } from "vitest";
import { matchesPath } from "./routing";

test("a menu's link is marked on its page and on the pages below that page", () => {
  expect(matchesPath("/problems", "/problems/aplusb", false)).toBe(true);
  expect(matchesPath("/problems", "/problems-of-mine", false)).toBe(false);
  expect(matchesPath("/admin/", "/admin", true)).toBe(true);
  expect(matchesPath("/admin/", "/admin/workers", true)).toBe(false);
});
