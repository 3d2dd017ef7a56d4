import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { CompileMessage } from "./CompileMessage";
import { pairLines } from "./SideBySide";
import { cutAtPlaces } from "./sourceLines";

test.each([
  ["solution.cpp:4:12: error: x", 4, 12],
  ["Main.java:7: error: x", 7, 1],
  ['  File "solution.py", line 3', 3, 1],
  [" --> main.rs:9:5", 9, 5],
  ["main.ts(2,8): error TS1005", 2, 8],
])("%s names a place", (message, line, column) => {
  expect(cutAtPlaces(message).find((piece) => piece.line)).toMatchObject({ line, column });
  expect(
    cutAtPlaces(message)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(message);
});

test("a place in the compiler's message leads into the editor", async () => {
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

test("changed lines stand against each other, equal ones together", () => {
  expect(pairLines("1\n2\n3\n", "1\nx\n3")).toEqual([
    { left: "1", right: "1" },
    { left: "2", right: "x" },
    { left: "3", right: "3" },
  ]);
  expect(pairLines("1\n", "")).toEqual([{ left: "1", right: null }]);
});
