import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setSession } from "../api/session";
import type { Stage, Submission } from "../api/types";
import { withTexts } from "../testing/show";
import { SubmissionActions } from "./SubmissionActions";

const EVENT = { slug: "finals", problem: "A", open: true };
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  setSession(true);
  vi.stubGlobal("fetch", async (path: string, options: RequestInit = {}) => {
    if (path === "/submissions") sent.push(JSON.parse(String(options.body)));
    return Response.json(path === "/submissions" ? { id: "new" } : { path: null, made_at: null });
  });
});
afterEach(() => vi.unstubAllGlobals());

function actions(stage: Stage, changes: Partial<Submission> = {}, role = "user", attempt = 1) {
  const submission = {
    id: "s",
    own: true,
    kind: "submission",
    problem: "aplusb",
    language: "python3",
    source: "print(3)",
    files: null,
    event: null,
    stage,
    attempt,
    ...changes,
  } as unknown as Submission;
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
  queries.setQueryData(["me"], { name: "ada", role });
  render(
    withTexts(
      <QueryClientProvider client={queries}>
        <SubmissionActions submission={submission} status={submission} />
      </QueryClientProvider>,
    ),
  );
}

test.each([
  ["its owner may cancel a submission to a problem while it runs", "RUNNING", {}, "user", 1, true],
  ["its owner may cancel a waiting submission to an event", "QUEUED", { event: EVENT }, "user", 1, true],
  ["its owner may not cancel a running submission to an event", "RUNNING", { event: EVENT }, "user", 1, false],
  ["its owner may not cancel a second attempt in an event", "QUEUED", { event: EVENT }, "user", 2, false],
  ["an administrator may cancel a running submission", "RUNNING", { event: EVENT, own: false }, "admin", 1, true],
  ["the jury may not cancel a member's submission", "QUEUED", { event: EVENT, own: false }, "author", 1, false],
  ["a submission that was judged cannot be cancelled", "DONE", {}, "admin", 1, false],
] as const)("%s", (_, stage, changes, role, attempt, may) => {
  actions(stage, changes as Partial<Submission>, role, attempt);
  expect(screen.queryAllByRole("button", { name: "Cancel submission" })).toHaveLength(may ? 1 : 0);
});

async function confirm(name: string) {
  await userEvent.click(screen.getByRole("button", { name }));
  await userEvent.click(screen.getAllByRole("button", { name, hidden: true }).at(-1) as HTMLElement);
}

test("a submission to an open event is submitted again into the event, and opened on its page", async () => {
  actions("DONE", { event: EVENT });
  await confirm("Submit again");
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({ problem: "aplusb", language: "python3", source: "print(3)", event: "finals" });
  await confirm("Open in the editor");
  expect(location.pathname).toBe("/events/finals/problems/A");
});

test("after the event its submission is submitted again to the problem alone", async () => {
  actions("DONE", { event: { ...EVENT, open: false } });
  await confirm("Submit again");
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({ problem: "aplusb", language: "python3", source: "print(3)" });
  await confirm("Open in the editor");
  expect(location.pathname).toBe("/problems/aplusb");
});
