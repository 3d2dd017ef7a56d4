import { screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "../testing/show";
import { RejudgeTable } from "./RejudgeTable";
import { trackRejudged } from "./rejudgeComparison";

afterEach(() => vi.unstubAllGlobals());

const rejudged = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ id: `s-${number}`, account: "ada", before: "WA" as const }));

test("the new verdicts of many submissions are asked for together, and a deleted submission delays no other verdict", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    if (path.startsWith("/admin/submissions")) return Response.json({ submissions: [], cursor: null });
    const ids = new URL(path, location.origin).searchParams.get("ids")?.split(",") ?? [];
    const statuses = ids.map((id) => (id === "s-7" ? null : { id, stage: "DONE", verdict: "AC" }));
    return path.startsWith("/statuses") ? Response.json({ statuses }) : new Response("{}", { status: 404 });
  });
  trackRejudged(rejudged(250), true);
  show(<RejudgeTable />);
  expect((await screen.findByText("249 changed, 0 as before, 0 under way.")).tagName).toBe("P");
  expect(asked.filter((path) => path.startsWith("/statuses"))).toHaveLength(3);
  expect(asked.filter((path) => path.startsWith("/status/"))).toEqual([]);
});

test("a known verdict is not asked for again while other submissions are being judged", async () => {
  const asked: string[] = [];
  let open = [{ id: "s-1" }];
  vi.stubGlobal("fetch", async (path: string) => {
    if (path.startsWith("/admin/submissions")) return Response.json({ submissions: open, cursor: null });
    const ids = new URL(path, location.origin).searchParams.get("ids") ?? "";
    asked.push(ids);
    open = [];
    return Response.json({ statuses: ids.split(",").map((id) => ({ id, stage: "DONE", verdict: "WA" })) });
  });
  trackRejudged(rejudged(2), true);
  show(<RejudgeTable />);
  await screen.findByText("0 changed, 2 as before, 0 under way.");
  expect(asked).toEqual(["s-0", "s-1"]);
}, 60_000);
