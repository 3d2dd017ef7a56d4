import { expect, test } from "vitest";
import { changesOf, type Edits, withRenames } from "./edits";
import {
  groupsOf,
  hasInputVisualizer,
  isValidName,
  nextName,
  pictureOf,
  pictureType,
  renamesOf,
  reordered,
  uploadedName,
} from "./tests";

const PATHS = [
  "data/sample/1.ans",
  "data/sample/1.in",
  "data/secret/group1/01-small.ans",
  "data/secret/group1/01-small.in",
  "data/secret/group1/02.hint",
  "data/secret/group1/02.in",
  "data/secret/group1/test_group.yaml",
  "data/invalid_input/1.in",
  "problem.yaml",
];

test("tests are found with all their files, and groups with their settings", () => {
  const groups = groupsOf(PATHS);
  expect(groups.map((group) => group.folder)).toEqual(["data/sample", "data/secret", "data/secret/group1"]);
  expect(groups[2]?.settings).toBe("data/secret/group1/test_group.yaml");
  expect(groups[2]?.tests.map((one) => [one.name, one.hasAnswer, one.files.length])).toEqual([
    ["01-small", true, 2],
    ["02", false, 2],
  ]);
});

test("the files of test 1.b are not taken for files of test 1", () => {
  const [, secret] = groupsOf(["data/secret/1.in", "data/secret/1.b.in", "data/secret/1.b.ans", "data/secret/10.in"]);
  expect(secret?.tests.map((one) => one.files)).toEqual([
    ["data/secret/1.in"],
    ["data/secret/1.b.in", "data/secret/1.b.ans"],
    ["data/secret/10.in"],
  ]);
});

test("the next name is one more than the highest number, with as many digits as the other names", () => {
  expect(nextName([])).toBe("01");
  expect(nextName(["1", "007-x", "big"])).toBe("008");
  expect(nextName(["1"])).toBe("2");
  expect(nextName(["99"])).toBe("100");
});

test("when tests are reordered, each place keeps its number and the rest of a name moves with its test", () => {
  expect(reordered(["01-small", "02", "05-big"], 2, 0)).toEqual(["01-big", "02-small", "05"]);
  expect(reordered(["a", "b"], 0, 1)).toEqual(["01-b", "02-a"]);
  expect(reordered(["1", "1-x"], 0, 1)).toEqual(["01-x", "02"]);
});

test("two tests swap their names without a file being lost", () => {
  const group = groupsOf(PATHS)[2];
  if (!group) throw new Error("no group");
  const renames = renamesOf(
    group,
    new Map([
      ["01-small", "02-small"],
      ["02", "01"],
    ]),
  );
  const edits = withRenames(new Map(), PATHS, renames);
  expect(changesOf(edits)).toEqual([
    { path: "data/secret/group1/01-small.ans" },
    { path: "data/secret/group1/01-small.in" },
    { path: "data/secret/group1/02.hint" },
    { path: "data/secret/group1/02.in" },
    { path: "data/secret/group1/02-small.ans", source: "data/secret/group1/01-small.ans" },
    { path: "data/secret/group1/02-small.in", source: "data/secret/group1/01-small.in" },
    { path: "data/secret/group1/01.hint", source: "data/secret/group1/02.hint" },
    { path: "data/secret/group1/01.in", source: "data/secret/group1/02.in" },
  ]);
});

test("a test that gets its old name back counts as unchanged", () => {
  const there = withRenames(new Map(), ["a.in"], new Map([["a.in", "b.in"]]));
  expect([...withRenames(there, ["a.in"], new Map([["b.in", "a.in"]]))]).toEqual([]);
});

test("an edit that is not saved moves with its file", () => {
  const edits: Edits = new Map([["n.in", { text: "1" }]]);
  expect(changesOf(withRenames(edits, [], new Map([["n.in", "m.in"]])))).toEqual([{ path: "m.in", text: "1" }]);
});

test("uploads of other judges get the names of the format", () => {
  expect(["1.out", "1.a", "1.in", "1.ok", "x.answer", "2.inp"].map(uploadedName)).toEqual([
    "1.ans",
    "1.ans",
    "1.in",
    "1.ans",
    "x.ans",
    "2.in",
  ]);
});

test("names that the judge would not read are refused", () => {
  expect(["1", "a-b_c.d", "", "a b", ".x", "a/b", "é"].map(isValidName)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("a picture belongs to its test", () => {
  const [samples] = groupsOf(["data/sample/1.in", "data/sample/1.svg", "data/sample/2.in"]);
  expect(samples?.tests.map((each) => pictureOf(each, "data/sample"))).toEqual(["data/sample/1.svg", undefined]);
  expect(pictureType("testcase.jpg")).toBe("image/jpeg");
  expect(hasInputVisualizer(["input_visualizer/draw.py"])).toBe(true);
  expect(hasInputVisualizer(["output_visualizer/draw.py"])).toBe(false);
});
