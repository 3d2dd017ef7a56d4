import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { setSession } from "../api/session";
import { withProviders } from "../testing/show";
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
  setSession(false);
  send.mockClear();
});

function form(of: EventState) {
  return withProviders(<EventForm event={of} error={null} isPending={false} send={send} />);
}

test("changing the title leaves the times alone, which the form shows without their seconds", async () => {
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
