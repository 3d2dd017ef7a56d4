import { afterEach, expect, test, vi } from "vitest";
import { idempotencyKey } from "../api/idempotencyKey";
import { copyText } from "./clipboard";

afterEach(() => vi.unstubAllGlobals());

test("without a clipboard object, as on plain http, the selection is copied", async () => {
  vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
  const copied: string[] = [];
  document.execCommand = () => {
    copied.push(document.querySelector("textarea")?.value ?? "");
    return true;
  };
  expect(await copyText("1 2")).toBe(true);
  expect(copied).toEqual(["1 2"]);
  expect(document.querySelector("textarea")).toBeNull();
});

test("each press of a button gets its own idempotency key", () => {
  expect(idempotencyKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(idempotencyKey()).not.toBe(idempotencyKey());
});
