import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OneVersion } from "./EditProblemPage";
import type { AuthoredProblem } from "./types";

const OLD = "a".repeat(64);
const NEW = "b".repeat(64);
const sent: unknown[] = [];
let queries: QueryClient;

function problem(newest: string): AuthoredProblem {
  return { slug: "sum", title: "Sum", newest, verification: null } as unknown as AuthoredProblem;
}

function answerTo(path: string, body: { values?: Record<string, string> }): unknown {
  if (path.endsWith("/files")) return { files: [{ path: "problem.yaml" }, { path: "statement/problem.md" }] };
  if (path.endsWith("/form"))
    return {
      text: body.values ? `license: ${body.values.license}\n` : "",
      fields: [
        {
          key: "license",
          section: "people",
          kind: "text",
          value: body.values?.license ?? null,
          choices: [],
          is_complex: false,
        },
      ],
      faults: [],
      others: [],
    };
  return {};
}

beforeEach(() => {
  sent.length = 0;
  queries = new QueryClient();
  vi.stubGlobal("fetch", async (path: string, options: RequestInit = {}) => {
    const body = options.body ? JSON.parse(String(options.body)) : {};
    if (path.endsWith("/changes")) sent.push(body);
    if (path.endsWith("/preview")) return new Response("{}", { status: 500 });
    if (path.includes("/files/")) return new Response("The sum.");
    return new Response(JSON.stringify(answerTo(path, body)));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  queries.clear();
});

function page(newest: string) {
  return (
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <OneVersion problem={problem(newest)} />
      </QueryClientProvider>
    </I18nProvider>
  );
}

const statement = async () => (await screen.findByLabelText("Content of statement/problem.md")) as HTMLTextAreaElement;

/** Whether the browser would ask before this tab is closed. */
function asksBeforeClosing(): boolean {
  return !dispatchEvent(new Event("beforeunload", { cancelable: true }));
}

test("unsaved changes stay when somebody else adds a version, and the page says so", async () => {
  const { rerender } = render(page(OLD));
  await userEvent.type(await statement(), " Mine.");
  rerender(page(NEW));
  expect((await statement()).value).toBe("The sum. Mine.");
  await userEvent.click(screen.getByRole("button", { name: "Load the newest version" }));
  expect((await statement()).value).toBe("The sum.");
  expect(asksBeforeClosing()).toBe(false);
});

test("unsaved changes stay when another page is opened meanwhile, and the browser asks before the tab is closed", async () => {
  const { unmount } = render(page(OLD));
  const field = await statement();
  expect(asksBeforeClosing()).toBe(false);
  await userEvent.type(field, " Mine.");
  unmount();
  render(page(OLD));
  expect((await statement()).value).toBe("The sum. Mine.");
  expect(asksBeforeClosing()).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Discard" }));
  await userEvent.click(screen.getAllByRole("button", { name: "Discard", hidden: true }).at(-1) as HTMLElement);
  expect(asksBeforeClosing()).toBe(false);
});

test("the cursor stays where it is when one types in the middle of a file", async () => {
  render(page(OLD));
  await userEvent.type(await statement(), "big ", { initialSelectionStart: 4, initialSelectionEnd: 4 });
  expect((await statement()).value).toBe("The big sum.");
});

test("unsaved changes stay when another tab signs in and this page reads all data again", async () => {
  render(page(OLD));
  await userEvent.type(await statement(), " Mine.");
  await queries.invalidateQueries();
  expect((await statement()).value).toBe("The sum. Mine.");
  expect(asksBeforeClosing()).toBe(true);
});

test("nothing can be typed while the changes are saved, since it would be lost", async () => {
  let answer = () => {};
  const saved = new Promise<Response>((resolve) => {
    answer = () => resolve(new Response("{}", { status: 409 }));
  });
  const other = fetch;
  vi.stubGlobal("fetch", (path: string, options: RequestInit = {}) =>
    path.endsWith("/changes") ? saved : other(path, options),
  );
  render(page(OLD));
  await userEvent.type(await statement(), " Mine.");
  expect((await statement()).closest("[inert]")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Save as a draft version" }));
  await vi.waitFor(async () => expect((await statement()).closest("[inert]")).not.toBeNull());
  answer();
  await vi.waitFor(async () => expect((await statement()).closest("[inert]")).toBeNull());
  expect((await statement()).value).toBe("The sum. Mine.");
});

test("a setting that was typed just before Save is saved too", async () => {
  render(page(OLD));
  await userEvent.type(await statement(), " Mine.");
  await userEvent.click(screen.getByRole("tab", { name: "Settings" }));
  await userEvent.type(await screen.findByRole("textbox", { name: /License/ }), "cc0");
  await userEvent.click(screen.getByRole("button", { name: "Save as a draft version" }));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    changes: [
      { path: "statement/problem.md", text: "The sum. Mine." },
      { path: "problem.yaml", text: "license: cc0\n" },
    ],
  });
});
