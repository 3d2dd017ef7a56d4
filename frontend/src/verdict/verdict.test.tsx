import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import type { ComponentProps } from "react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { CompileMessage } from "./CompileMessage";
import { withTexts } from "../testing/show";
import OutputDiff, { pairLines } from "./OutputDiff";
import { splitAtLocations } from "./sourceLocations";
import { TestDetail } from "./TestDetail";

test.each([
  ["solution.cpp:4:12: error: x", 4, 12],
  ["Main.java:7: error: x", 7, 1],
  ['  File "solution.py", line 3', 3, 1],
  [" --> main.rs:9:5", 9, 5],
  ["main.ts(2,8): error TS1005", 2, 8],
])("%s names a location", (message, line, column) => {
  expect(splitAtLocations(message).find((piece) => piece.line)).toMatchObject({ line, column });
  expect(
    splitAtLocations(message)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(message);
});

test("a location in the compiler's message opens in the editor", async () => {
  const goTo = vi.fn();
  render(<CompileMessage text="solution.cpp:4:12: error: missing" goTo={goTo} />);
  await userEvent.click(screen.getByRole("button", { name: "solution.cpp:4:12" }));
  expect(goTo).toHaveBeenCalledWith(4, 12);
});

test("a hostile message stays text", () => {
  const { container } = render(<CompileMessage text={"<img src=x onerror=alert(1)> a.cpp:1:1"} />);
  expect(container.querySelector("img")).toBeNull();
  expect(container.textContent).toContain("<img src=x");
});

test("changed lines are paired, equal lines stay together", () => {
  expect(pairLines("1\n2\n3\n", "1\nx\n3")).toEqual([
    { left: "1", right: "1" },
    { left: "2", right: "x" },
    { left: "3", right: "3" },
  ]);
  expect(pairLines("1\n", "")).toEqual([{ left: "1", right: null }]);
});

test("two long texts without an equal line are paired by number, at once", () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, number) => `${word} ${number}\n`).join("");
  const rows = pairLines(lines("a"), `${lines("b")}c\n`);
  expect(rows).toHaveLength(20_001);
  expect([rows[0], rows.at(-1)]).toEqual([
    { left: "a 0", right: "b 0" },
    { left: null, right: "c" },
  ]);
});

test("a difference that is too long to show says how many lines are left out", () => {
  const lines = (word: string) => Array.from({ length: 450 }, (_, at) => `${word} ${at}\n`).join("");
  render(withTexts(<OutputDiff expected={lines("a")} output={lines("b")} />));
  expect(screen.getByText("50 more lines are not shown")).toBeTruthy();
});

test("a difference after very many equal lines is found", () => {
  const rows = pairLines(`${"1\n".repeat(300_000)}2\n`, `${"1\n".repeat(300_000)}3\n`);
  expect(rows.filter((row) => row.left !== row.right)).toEqual([{ left: "2", right: "3" }]);
});

test("an empty output has no lines", () => {
  expect(pairLines("1\n".repeat(5_000), "")[0]).toEqual({ left: "1", right: null });
});

function detail(test: ComponentProps<typeof TestDetail>["test"], hasOwnChecker = false) {
  return render(
    <I18nProvider i18n={i18n}>
      <TestDetail test={test} hasOwnChecker={hasOwnChecker} />
    </I18nProvider>,
  );
}

const WRONG = {
  name: "sample/1",
  verdict: "WA" as const,
  cpu_ms: 1,
  wall_ms: 1,
  memory_kb: 1,
  input: "1 2\n",
  output: "4\n",
  expected: "3\n",
  message: "found 4",
};

test("a wrong answer shows the first difference, and the checker's words below it", async () => {
  const { container } = detail(WRONG);
  expect(await screen.findByText("First difference: line 1")).toBeTruthy();
  expect(container.textContent?.indexOf("First difference")).toBeLessThan(
    container.textContent?.indexOf("found 4") ?? 0,
  );
});

test("where a checker accepts many answers its words come first, and nothing is compared", () => {
  const { container } = detail(WRONG, true);
  expect(container.querySelector(".diff, .diff-placeholder")).toBeNull();
  expect(screen.getByText("One right output")).toBeTruthy();
  expect(container.querySelector("figcaption")?.textContent).toContain("The checker says");
});

test("an interactive problem shows what both sides said, and no expected output", () => {
  detail({ ...WRONG, interaction: "<7\n>lower\n" });
  expect(screen.getByText("The interaction")).toBeTruthy();
  expect(screen.queryByText("Expected")).toBeNull();
});
