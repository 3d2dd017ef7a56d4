import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SecondFactor } from "../account/SecondFactor";
import { ImportAccounts } from "../admin/ImportAccounts";
import type { CurrentAccount } from "../auth/queries";
import { Comments } from "../submissions/Comments";
import { show } from "../testing/show";
import { ConfirmButton } from "./ConfirmButton";
import { Field } from "./Field";

let answer: (path: string, options: RequestInit) => unknown;

beforeEach(() => {
  vi.stubGlobal("fetch", async (path: string, options: RequestInit = {}) => {
    const found = answer(path, options);
    return found instanceof Response ? found : new Response(JSON.stringify(found));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a dialog with a wrong field is not confirmed", async () => {
  const onConfirm = vi.fn();
  const field = <Field label="Minutes" type="number" min={1} required defaultValue="10" />;
  show(<ConfirmButton label="More time" question="More?" consequence="Later." fields={field} onConfirm={onConfirm} />);
  await userEvent.click(screen.getByRole("button", { name: "More time" }));
  const minutes = screen.getByLabelText("Minutes");
  const confirm = () => userEvent.click(screen.getAllByRole("button", { name: "More time" }).at(-1) as HTMLElement);
  await userEvent.clear(minutes);
  await confirm();
  expect(onConfirm).not.toHaveBeenCalled();
  await userEvent.type(minutes, "5");
  await confirm();
  expect(onConfirm).toHaveBeenCalledOnce();
});

test("the same file of accounts may be chosen again after it was corrected", async () => {
  let checks = 0;
  answer = () => {
    checks++;
    return { accounts: [], faults: [{ line: 2, column: "name", message: "is missing" }], made: false };
  };
  show(<ImportAccounts />);
  const file = new File(["name\n"], "class.csv", { type: "text/csv" });
  const input = screen.getByLabelText("CSV file of accounts");
  await userEvent.upload(input, file);
  await screen.findByText("is missing");
  const first = checks;
  await userEvent.upload(input, file);
  await vi.waitFor(() => expect(checks).toBeGreaterThan(first));
});

test("the page says why a comment could not be removed", async () => {
  const comment = { id: "1", line: null, author: "jury", created_at: "2026-11-30T10:00:00Z", text: "Read the limits" };
  answer = (_, { method }) =>
    method === "DELETE"
      ? new Response(JSON.stringify({ detail: "another juror has removed it" }), { status: 409 })
      : { comments: [comment], may_comment: true };
  show(<Comments id="s1" goTo={() => {}} />);
  await userEvent.click(await screen.findByRole("button", { name: "Remove" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Another juror has removed it.");
});

test("only the recovery codes that work are shown", async () => {
  let factor = { enabled: false, required: false, recovery_codes_left: 10 };
  answer = (path) => {
    if (path === "/me/second-factor/confirmation") {
      factor = { ...factor, enabled: true };
      return { recovery_codes: ["first-codes"] };
    }
    if (path === "/me/second-factor/recovery-codes") return { recovery_codes: ["newer-codes"] };
    if (path === "/me/second-factor/removal") factor = { ...factor, enabled: false };
    return { ...factor, secret: "SECRET", uri: "", qr: "data:," };
  };
  show(<SecondFactor me={{ has_password: false } as CurrentAccount} />);
  await userEvent.click(await screen.findByRole("button", { name: "Set up a second factor" }));
  await userEvent.type(await screen.findByLabelText("Code that the app shows"), "123456");
  await userEvent.click(screen.getByRole("button", { name: "Turn it on" }));
  expect(await screen.findByText("first-codes")).toBeTruthy();
  await userEvent.type(await screen.findByLabelText("Code, to change this"), "123457");
  await userEvent.click(screen.getByRole("button", { name: "Make new recovery codes" }));
  expect(await screen.findByText("newer-codes")).toBeTruthy();
  expect(screen.queryByText("first-codes")).toBeNull();
  await userEvent.type(screen.getByLabelText("Code, to change this"), "123458");
  await userEvent.click(screen.getByRole("button", { name: "Turn it off" }));
  await screen.findByRole("button", { name: "Set up a second factor" });
  expect(screen.queryByText("newer-codes")).toBeNull();
});
