import { expect, test } from "vitest";
import { markedParts } from "./markedParts";

const region = (start_line: number, start_column: number, end_line: number, end_column: number) => ({
  start_line,
  start_column,
  end_line,
  end_column,
});

test("a text without passages is one part", () => {
  expect(markedParts("a\nb", [])).toEqual([{ start: 0, text: "a\nb", passage: null, isFirst: false }]);
  expect(markedParts("", [region(0, 0, 1, 1)])).toEqual([]);
});

test("passages cut a text at their lines and columns", () => {
  const parts = markedParts("ab\ncd\nef", [region(0, 1, 1, 1)]);
  expect(parts.map((each) => [each.text, each.passage])).toEqual([
    ["a", null],
    ["b\nc", 0],
    ["d\nef", null],
  ]);
});

test("where passages overlap the first passage is shown, and each passage begins once", () => {
  const parts = markedParts("abcdef", [region(0, 2, 0, 4), region(0, 1, 0, 6)]);
  expect(parts.map((each) => [each.text, each.passage, each.isFirst])).toEqual([
    ["a", null, false],
    ["b", 1, true],
    ["cd", 0, true],
    ["ef", 1, false],
  ]);
});

test("a passage that reaches beyond the text ends where the text ends", () => {
  expect(markedParts("ab", [region(0, 1, 9, 9), region(7, 0, 8, 0)]).map((each) => each.text)).toEqual(["a", "b"]);
});
