import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "../testing/show";
import { ImportAccounts } from "./ImportAccounts";

afterEach(() => vi.unstubAllGlobals());

test("no other file can be chosen while accounts are made, since their passwords would not be shown", async () => {
  const account = { name: "pupil-1", full_name: null, groups: [] };
  let answer = () => {};
  vi.stubGlobal("fetch", async (path: string) => {
    if (path.endsWith("dry_run=true"))
      return Response.json({ made: false, faults: [], accounts: [{ ...account, password: null }] });
    if (!path.endsWith("dry_run=false")) return Response.json({});
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return Response.json({ made: true, faults: [], accounts: [{ ...account, password: "a-secret" }] });
  });
  show(<ImportAccounts />);
  const input = screen.getByLabelText("CSV file of accounts") as HTMLInputElement;
  await userEvent.upload(input, new File(["name\npupil-1\n"], "class.csv", { type: "text/csv" }));
  await userEvent.click(await screen.findByRole("button", { name: "Make 1 account" }));
  await vi.waitFor(() => expect(input.disabled).toBe(true));
  await vi.waitFor(() => {
    answer();
    expect(screen.getByText("a-secret")).toBeTruthy();
  });
  await vi.waitFor(() => expect(input.disabled).toBe(false));
});
