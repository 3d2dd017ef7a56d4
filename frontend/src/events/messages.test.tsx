import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withTexts } from "../testing/show";
import { Messages } from "./Messages";
import type { TimedEvent } from "./queries";

let queries: QueryClient;
/** Each request that changes something, and a function that answers it. */
let sent: { body: Record<string, unknown>; answer: () => void }[];
let messages: unknown[];

beforeEach(() => {
  queries = new QueryClient();
  sent = [];
  messages = [];
  vi.stubGlobal("fetch", (_path: string, options: RequestInit = {}) => {
    if ((options.method ?? "GET") === "GET") return Promise.resolve(Response.json({ messages }));
    return new Promise<Response>((resolve) =>
      sent.push({ body: JSON.parse(String(options.body)), answer: () => resolve(Response.json({})) }),
    );
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  queries.clear();
});

function page(role: "jury" | "member") {
  const event = { slug: "finals", role, problems: [] } as unknown as TimedEvent;
  return withTexts(
    <QueryClientProvider client={queries}>
      <Messages event={event} />
    </QueryClientProvider>,
  );
}

const field = async (label: string) => (await screen.findByLabelText(label)) as HTMLTextAreaElement;

test("a question stays while another page is shown, and its field is empty once it was sent", async () => {
  const first = render(page("member"));
  await userEvent.type(await field("Your question to the jury"), "May n be 0?");
  first.unmount();
  const again = render(page("member"));
  expect((await field("Your question to the jury")).value).toBe("May n be 0?");
  await userEvent.click(screen.getByRole("button", { name: "Ask" }));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  again.unmount();
  sent[0]?.answer();
  render(page("member"));
  await vi.waitFor(async () => expect((await field("Your question to the jury")).value).toBe(""));
});

test("typing in the middle of a question keeps the cursor there", async () => {
  render(page("member"));
  const question = await field("Your question to the jury");
  await userEvent.type(question, "May be 0?");
  await userEvent.type(question, "n ", { initialSelectionStart: 4, initialSelectionEnd: 4 });
  expect(question.value).toBe("May n be 0?");
});

test("what is typed while an announcement is being sent stays", async () => {
  render(page("jury"));
  await userEvent.type(await field("Announcement to all members"), "One");
  await userEvent.click(screen.getByRole("button", { name: "Announce" }));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  await userEvent.type(await field("Announcement to all members"), " and two");
  sent[0]?.answer();
  await vi.waitFor(() => expect(screen.getByRole("button", { name: "Announce" })).toHaveProperty("disabled", false));
  expect((await field("Announcement to all members")).value).toBe("One and two");
});

test("a begun answer stays while another page is shown, and replaces only the answer that the juror read", async () => {
  const question = { id: "m", member_name: "ada", problem: null, question: "n?", to_all: false, asked_at: null };
  messages = [{ ...question, answer: null }];
  const { unmount } = render(page("jury"));
  await userEvent.type(await field("Answer to ada"), "Yes.");
  unmount();
  messages = [{ ...question, answer: "No comment." }];
  await queries.invalidateQueries();
  render(page("jury"));
  await screen.findByText("No comment.", { selector: "strong" });
  expect((await field("Answer to ada")).value).toBe("Yes.");
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  await vi.waitFor(() => expect(sent[0]?.body).toEqual({ answer: "Yes.", to_all: false, replaces: null }));
});
