import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { setSession } from "../api/session";
import { withTexts } from "../testing/show";
import EventsPage from "./EventsPage";

afterEach(() => vi.unstubAllGlobals());

test("a form whose event was made while another page was open is empty afterwards", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
  queries.setQueryData(["me"], { name: "juror", role: "author" });
  setSession(true);
  const answers: (() => void)[] = [];
  vi.stubGlobal("fetch", (_path: string, { method }: RequestInit = {}) =>
    method === "POST"
      ? new Promise<Response>((resolve) =>
          answers.push(() => resolve(Response.json({ slug: "finals" }, { status: 201 }))),
        )
      : Promise.resolve(Response.json({ events: [], may_create: true })),
  );
  const page = () =>
    withTexts(
      <QueryClientProvider client={queries}>
        <EventsPage />
      </QueryClientProvider>,
    );
  const title = async () => (await screen.findByLabelText("Title")) as HTMLInputElement;
  const { unmount } = render(page());
  const form = (await title()).closest("form") as HTMLFormElement;
  form.noValidate = true;
  await userEvent.type(await title(), "Finals");
  for (const label of ["Start", "End"]) await userEvent.type(screen.getByLabelText(label), "2026-12-01T10:00");
  await userEvent.click(screen.getByRole("button", { name: "Make the event" }));
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  unmount();
  const before = location.pathname;
  answers[0]?.();
  render(page());
  await vi.waitFor(async () => expect((await title()).value).toBe(""));
  expect(location.pathname).toBe(before);
});
