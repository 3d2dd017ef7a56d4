import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import LinkPage from "../account/LinkPage";
import { setSession } from "../api/session";
import { addCatalogs } from "../lib/i18n";
import { TEXTS_OF_ACCOUNT, TEXTS_OF_EVENTS } from "../lib/catalogs";
import { makeQueryClient } from "../queryClient";
import InvitedPage from "./InvitedPage";

const RULES = { length_minutes: 60, problems: 1, languages: [], max_tries: null, one_address: false };
const INVITATION = { title: "Interview", name: "Ada", rules: RULES, ends_at: "2026-12-01T10:00:00Z" };
const LINK = { account: "ada", purpose: "sign-in", expires_at: "2026-12-01T10:00:00Z" };

beforeEach(async () => {
  setSession(false);
  await addCatalogs(TEXTS_OF_ACCOUNT);
  await addCatalogs(TEXTS_OF_EVENTS);
  vi.stubGlobal("fetch", async (path: string, { body }: { body: string }) => {
    if (JSON.parse(body).token !== "whole") return new Response("{}", { status: 422 });
    return new Response(JSON.stringify(path === "/links" ? LINK : INVITATION));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, "", "/");
});

/**
 * Changes the address without loading the page again, as when a person corrects it or opens another link in the same
 * tab.
 */
function go(hash: string): void {
  history.replaceState(null, "", `/link#${hash}`);
  act(() => void dispatchEvent(new Event("hashchange")));
}

test.each([
  ["one-time link", LinkPage, "Sign in as ada"],
  ["invitation", InvitedPage, "Interview"],
])("a complete %s works in the tab in which an incomplete one was opened first", async (_, Page, heading) => {
  history.replaceState(null, "", "/link#who");
  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={makeQueryClient()}>
        <Page />
      </QueryClientProvider>
    </I18nProvider>,
  );
  expect(await screen.findByText("This link does not work")).toBeTruthy();
  go("whole");
  expect(await screen.findByRole("heading", { name: heading })).toBeTruthy();
  go("content"); // the link "Skip to the content"
  expect(screen.getByRole("heading", { name: heading })).toBeTruthy();
});
