import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/ApiError";
import { setSession } from "../api/session";
import { withProviders, withTexts } from "../testing/show";
import { EventForm, localTime } from "./EventForm";
import type { EventState } from "./types";

const RULES = {
  scoring: "icpc",
  ioi: { mode: "best", tokens: 2 },
  freeze_minutes: 60,
  length_minutes: null,
  late: [],
  max_tries: null,
  languages: [],
  exam: false,
  standings: "all",
  feedback: "all",
  networks: [],
  one_address: false,
  grades: [],
};

/** An event whose end has seconds, as after a pause. */
function event(changes: Partial<EventState> = {}): EventState {
  return {
    slug: "finals",
    title: "Finals",
    starts_at: "2026-11-30T09:00:00Z",
    ends_at: "2026-11-30T14:03:27Z",
    visibility: "public",
    joining: "open",
    service_class: "contest",
    problems: [],
    rules: RULES,
    ...changes,
  } as unknown as EventState;
}

const send = vi.fn();
beforeEach(() => {
  queries = new QueryClient();
  setSession(false);
  send.mockClear();
});

let queries: QueryClient;

function form(of: EventState) {
  return withTexts(
    <QueryClientProvider client={queries}>
      <EventForm event={of} error={null} isPending={false} send={send} />
    </QueryClientProvider>,
  );
}

test("a change of the title sends no times, although the form shows them without seconds", async () => {
  render(form(event()));
  await userEvent.type(screen.getByLabelText("Title"), " 2026");
  await userEvent.click(screen.getByRole("button", { name: "Save the event" }));
  expect(send.mock.calls[0]?.[0]).toEqual({ title: "Finals 2026" });
});

test("more time that another juror gave while the form was open is shown, and saving keeps it", async () => {
  const { rerender } = render(form(event()));
  await userEvent.type(screen.getByLabelText("Title"), " 2026");
  const extended = event({ ends_at: "2026-11-30T14:13:27Z", rules: { ...RULES, freeze_minutes: 30 } as never });
  rerender(form(extended));
  expect((screen.getByLabelText("End") as HTMLInputElement).value).toBe(localTime(extended.ends_at));
  await userEvent.click(screen.getByRole("button", { name: "Save the event" }));
  expect(send.mock.calls[0]?.[0]).toEqual({ title: "Finals 2026" });
});

test("a new end is sent, and the form follows the event again once it is saved", async () => {
  const { rerender } = render(form(event()));
  fireEvent.change(screen.getByLabelText("End"), { target: { value: "2026-12-01T10:00" } });
  await userEvent.click(screen.getByRole("button", { name: "Save the event" }));
  const [body, done] = send.mock.calls[0] as [unknown, () => void];
  expect(body).toEqual({ ends_at: new Date("2026-12-01T10:00").toISOString() });
  done();
  const later = event({ ends_at: "2026-12-02T10:00:00Z" });
  rerender(form(later));
  expect((screen.getByLabelText("End") as HTMLInputElement).value).toBe(localTime(later.ends_at));
});

test("what was typed stays when another page is opened meanwhile, and what is typed while it is saved stays too", async () => {
  const title = () => screen.getByLabelText("Title") as HTMLInputElement;
  const { unmount } = render(form(event()));
  await userEvent.type(title(), " 2026");
  unmount();
  render(form(event()));
  expect(title().value).toBe("Finals 2026");
  await userEvent.click(screen.getByRole("button", { name: "Save the event" }));
  await userEvent.type(title(), "!");
  const done = send.mock.calls[0]?.[1] as () => void;
  act(done);
  expect(title().value).toBe("Finals 2026!");
});

test("an error names the field by its label", () => {
  const errors = [
    { field: "rules.networks.0", message: "is no network" },
    { field: "rules.late.1.minutes", message: "must be later" },
  ];
  const error = new ApiError(422, "/errors/invalid", "Something here needs a change.", errors);
  render(withProviders(<EventForm event={event()} error={error} isPending={false} send={send} />));
  const alert = screen.getByRole("alert").textContent;
  expect(alert).toContain("Networks from which members take part: Is no network.");
  expect(alert).toContain("Late submissions: Must be later.");
});
