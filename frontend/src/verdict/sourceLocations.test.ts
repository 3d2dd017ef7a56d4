import { expect, test } from "vitest";
import { sourceMarks, splitAtLocations } from "./sourceLocations";

test("a message of long words without a place is shown at once", () => {
  // At 64 KiB, the most that a compiler may say, this took seconds for each time that the page was drawn.
  const long = "a".repeat(400_000);
  expect(splitAtLocations(long)).toEqual([{ text: long }]);
});

test("a place in the source is found in a message", () => {
  expect(sourceMarks("main.cpp:3:5: error: expected ';'")).toEqual([
    { line: 3, column: 5, message: "error: expected ';'" },
  ]);
});
