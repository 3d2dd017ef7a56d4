import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useEndAllSessions } from "../account/queries";
import { assumeSession, setSession } from "../api/session";
import { call } from "../api/client";
import { SessionNotice } from "../layout/SessionNotice";
import { readDraft, saveDraft } from "../problem/drafts";
import { makeQueryClient } from "../queryClient";
import { RequireSignIn } from "./RequireSignIn";
import "./SignInDialog";
import { useSignInQuery } from "./useSignInQuery";

let isSignedIn = true;

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

beforeEach(() => {
  isSignedIn = true;
  setSession(true);
  vi.stubGlobal("fetch", async (path: string, options: RequestInit = {}) => {
    if (path === "/session" && options.method === "POST") {
      isSignedIn = true;
      return json({ csrf_token: "new", account: { name: "ada" } });
    }
    if (!isSignedIn) return json({ type: "/errors/unauthorized", status: 401 }, 401);
    if (path === "/me") return json({ name: "ada", has_password: true, event: null, locale: null, csrf_token: "one" });
    return json({});
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, "", "/");
});

function EndAll() {
  const endAll = useEndAllSessions();
  return (
    <button type="button" onClick={() => endAll.mutate(undefined)}>
      Sign out everywhere
    </button>
  );
}

function show(): QueryClient {
  const queries = makeQueryClient();
  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <SessionNotice />
        <RequireSignIn reason="to write">
          <textarea aria-label="Announcement" />
          <EndAll />
        </RequireSignIn>
      </QueryClientProvider>
    </I18nProvider>,
  );
  return queries;
}

const typed = () => (screen.queryByLabelText("Announcement") as HTMLTextAreaElement | null)?.value;

test("typed text stays when the session ends, and one can sign in again on the same page", async () => {
  const queries = show();
  await userEvent.type(await screen.findByLabelText("Announcement"), "Problem B is rejudged");
  isSignedIn = false;
  // The first request after the end of the session is refused.
  await act(() => queries.fetchQuery({ queryKey: ["some"], queryFn: () => call("/some") }).catch(() => {}));
  await userEvent.click(await screen.findByRole("button", { name: "Sign in again" }));
  expect(typed()).toBe("Problem B is rejudged");
  await userEvent.type(await screen.findByLabelText("Password"), "a password");
  const [signIn] = screen.getAllByRole("button", { name: "Sign in", hidden: true });
  await userEvent.click(signIn as HTMLElement);
  await vi.waitFor(() => expect(screen.queryByText(/not signed in any more/)).toBeNull());
  expect(typed()).toBe("Problem B is rejudged");
});

test("when another tab signs out, this tab no longer shows the account's page", async () => {
  const queries = show();
  await screen.findByLabelText("Announcement");
  isSignedIn = false;
  assumeSession();
  await act(() => queries.invalidateQueries());
  expect(await screen.findByText("Sign in first")).toBeTruthy();
});

test("signing out everywhere removes the account's drafts from this browser", async () => {
  const draft = { owner: "ada", problem: "sum", language: "python3" };
  saveDraft(draft, "print(1)", "");
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Sign out everywhere" }));
  expect(await screen.findByText("Sign in first")).toBeTruthy();
  expect(readDraft(draft)).toBeNull();
});

function SignInQuery() {
  return <p data-testid="query">{useSignInQuery()}</p>;
}

test.each([
  ["/submissions?problem=sum&verdict=WA", "?next=%2Fsubmissions%3Fproblem%3Dsum%26verdict%3DWA"],
  ["/forgot-password", ""],
  ["/link", ""],
  ["/", ""],
])(
  "the link to sign in on %s names the page to return to, with its filters, if that page is shown again",
  (address, query) => {
    history.replaceState(null, "", address);
    render(<SignInQuery />);
    expect(screen.getByTestId("query").textContent).toBe(query);
  },
);
