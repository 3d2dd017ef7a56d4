import { expect, test } from "vitest";
import { leadsTo } from "./routing";

test("a menu's link is marked on its page and on those below it", () => {
  expect(leadsTo("/problems", "/problems/aplusb", false)).toBe(true);
  expect(leadsTo("/problems", "/problems-of-mine", false)).toBe(false);
  expect(leadsTo("/admin/", "/admin", true)).toBe(true);
  expect(leadsTo("/admin/", "/admin/workers", true)).toBe(false);
});
