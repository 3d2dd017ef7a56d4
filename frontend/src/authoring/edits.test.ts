import { expect, test } from "vitest";
import { base64Of, changesOf, type Edits, partOf, pathsAfter, textOf, withEdit } from "./edits";

const none: Edits = new Map();
const bytes = (...values: number[]) => new Uint8Array(values).buffer;

test("a changed file is sent with its content, and a deleted file without content", () => {
  const edits = withEdit(withEdit(none, "a.txt", { text: "x" }), "b.txt", { isDeleted: true });
  expect(changesOf(edits)).toEqual([{ path: "a.txt", text: "x" }, { path: "b.txt" }]);
  expect(changesOf(withEdit(edits, "a.txt", null))).toEqual([{ path: "b.txt" }]);
});

test("the list of files has added files and no deleted files", () => {
  const edits = withEdit(withEdit(none, "c", { text: "" }), "a", { isDeleted: true });
  expect(pathsAfter(["a", "b"], edits)).toEqual(["b", "c"]);
});

test("each file belongs to a part", () => {
  const parts = ["statement/problem.en.md", "problem.yaml", "data/sample/1.in", "data/secret/1.in", "README"].map(
    partOf,
  );
  expect(parts).toEqual(["statement", "settings", "samples", "tests", "others"]);
});

test("bytes that are no text are not edited as text, and kept as base64", async () => {
  expect(textOf(bytes(104, 105))).toBe("hi");
  expect(textOf(bytes(0xff, 0xfe))).toBeNull();
  expect(textOf(bytes(0))).toBeNull();
  expect(base64Of(bytes(0xff, 0xfe))).toBe("//4=");
});
