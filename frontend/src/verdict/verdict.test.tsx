import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { CompileMessage } from "./CompileMessage";
import { pairLines } from "./OutputDiff";
import { splitAtLocations } from "./sourceLocations";

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

test("changed lines are paired, equal ones stay together", () => {
  expect(pairLines("1\n2\n3\n", "1\nx\n3")).toEqual([
    { left: "1", right: "1" },
    { left: "2", right: "x" },
    { left: "3", right: "3" },
  ]);
  expect(pairLines("1\n", "")).toEqual([{ left: "1", right: null }]);
});
