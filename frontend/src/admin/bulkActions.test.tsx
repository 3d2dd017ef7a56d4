import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { show } from "../testing/show";
import { BulkActions } from "./BulkActions";
import type { AccountSummary } from "./types";

const listed = [{ id: "a", name: "ada" }] as AccountSummary[];

beforeEach(() => vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ tiers: [] }))));
afterEach(() => vi.unstubAllGlobals());

test("chosen accounts that a search has left out are counted, and can be deselected", async () => {
  const clear = vi.fn();
  show(<BulkActions chosen={new Set(["a", "b", "c"])} listed={listed} clear={clear} />);
  expect(screen.getByRole("group").textContent).toContain("3 chosen2 of them are not in this list");
  await userEvent.click(screen.getByRole("button", { name: "Choose none" }));
  expect(clear).toHaveBeenCalled();
});

test("no hidden accounts are counted when all chosen accounts are in the list, or while the list loads", () => {
  show(<BulkActions chosen={new Set(["a"])} listed={listed} clear={() => {}} />);
  show(<BulkActions chosen={new Set(["a"])} listed={undefined} clear={() => {}} />);
  expect(screen.getAllByRole("group")).toHaveLength(2);
  expect(document.body.textContent).not.toContain("not in this list");
});
