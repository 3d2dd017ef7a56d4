import { screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { setSession } from "../api/session";
import { Route } from "../lib/routing";
import { show } from "../testing/show";
import SubmissionPage from "./SubmissionPage";

const sockets: string[] = [];
const asked: string[] = [];

afterEach(() => vi.unstubAllGlobals());

const SUBMISSION = {
  id: "s-1",
  own: false,
  event: { slug: "finals", problem: "A", open: false },
  kind: "submission",
  problem: null,
  language: "python3",
  queue: "normal",
  source: "print(3)",
  files: null,
  attempts: [],
  attempt: 1,
  tests: [],
  tests_done: 0,
  tests_total: 0,
  score: null,
  cpu_ms: null,
  memory_kb: null,
  submitted_at: "2026-11-30T09:00:00Z",
  verdict: null,
};

/** A member's submission that is judged while the jury, which may not follow its status, looks at it. */
function answerTo(path: string): unknown {
  if (path === "/me") return { id: "j", name: "juror", role: "author" };
  if (path === "/languages") return { languages: [] };
  if (path === "/problems") return { problems: [] };
  if (path.endsWith("/comments")) return { comments: [], may_comment: true };
  const looked = asked.filter((each) => each === "/submissions/s-1").length;
  return { ...SUBMISSION, ...(looked > 1 ? { stage: "DONE", verdict: "WA" } : { stage: "RUNNING" }) };
}

test("the jury sees how a member's submission ends, without following a status that it may not read", async () => {
  setSession(true);
  history.replaceState(null, "", "/submissions/s-1");
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor(url: string) {
        sockets.push(url);
      }
    },
  );
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return path.startsWith("/status/") ? new Response("{}", { status: 404 }) : Response.json(answerTo(path));
  });
  show(<Route path="/submissions/:id" component={SubmissionPage} />);
  expect((await screen.findAllByText("Wrong Answer")).length).toBeGreaterThan(0);
  expect(sockets).toEqual([]);
  expect(asked.filter((path) => path.startsWith("/status/"))).toEqual([]);
}, 60_000);

test("an accepted submission of another account is not compared as if it were the reader's own", async () => {
  setSession(true);
  history.replaceState(null, "", "/submissions/s-2");
  vi.stubGlobal("fetch", async (path: string) => {
    if (!path.startsWith("/submissions/s-2") || path.endsWith("/comments")) return Response.json(answerTo(path));
    const judged = { id: "s-2", stage: "DONE", verdict: "AC", problem: "sum", cpu_ms: 12 };
    return Response.json({ ...SUBMISSION, ...judged });
  });
  show(<Route path="/submissions/:id" component={SubmissionPage} />);
  expect((await screen.findAllByText("Accepted")).length).toBeGreaterThan(0);
  await screen.findByText("Runtime");
  expect(document.querySelector(".runtimes")).toBeNull();
}, 60_000);
