import { expect, test } from "vitest";
import { areSame, draftOf, GRADES_PATTERN, LATE_PATTERN, rulesFrom } from "./eventRules";
import type { EventRules } from "./types";

const RULES: EventRules = {
  scoring: "ioi",
  icpc: { penalty_minutes: 20, penalty_time: "minutes", compile_errors_cost: false },
  ioi: { mode: "tokened", decimals: 2, tokens: 3 },
  ties: "shared",
  freeze_minutes: 0,
  length_minutes: null,
  late: [
    { minutes: 60, percent: 80 },
    { minutes: 120, percent: 50 },
  ],
  max_tries: 5,
  languages: ["c", "python3"],
  exam: false,
  standings: "jury",
  feedback: "after-end",
  networks: ["10.1.0.0/16"],
  one_address: true,
  grades: [
    { points: 90, grade: "A" },
    { points: 49.5, grade: "very good, with notes: see below" },
    { points: 10, grade: "4:0, won" },
  ],
};

test("a form that was not changed gives the same rules", () => {
  expect(rulesFrom(draftOf(RULES), RULES)).toEqual(RULES);
  expect(areSame(draftOf(RULES), RULES)).toBe(true);
  expect(areSame({ ...draftOf(RULES), tries: "" }, RULES)).toBe(false);
});

test("a new event has the rules of the form, and the server sets all other rules", () => {
  const draft = {
    ...draftOf(undefined),
    scoring: "ioi" as const,
    late: " 5:50 ",
    grades: "10: A, 5:B",
    languages: "c, cpp",
  };
  expect(rulesFrom(draft)).toMatchObject({
    scoring: "ioi",
    late: [{ minutes: 5, percent: 50 }],
    grades: [
      { points: 10, grade: "A" },
      { points: 5, grade: "B" },
    ],
    languages: ["c", "cpp"],
    max_tries: null,
  });
  expect(rulesFrom({ ...draft, scoring: "icpc" })).toMatchObject({ late: [] });
});

test("the form accepts the grades of the rules, also with commas and colons", () => {
  const grades = new RegExp(`^(?:${GRADES_PATTERN})$`, "v");
  expect(grades.test(draftOf(RULES).grades)).toBe(true);
});

test("the browser refuses pairs that cannot be read", () => {
  const late = new RegExp(`^(?:${LATE_PATTERN})$`, "v");
  const grades = new RegExp(`^(?:${GRADES_PATTERN})$`, "v");
  expect(["", "60:80", " 60: 80, 120 : 50 "].map((text) => late.test(text))).toEqual([true, true, true]);
  expect(["60", "a:b", "60:80,"].map((text) => late.test(text))).toEqual([false, false, false]);
  expect(["", "90: A, 49.5: very good"].map((text) => grades.test(text))).toEqual([true, true]);
  expect(["A: 90", "90", "90:"].map((text) => grades.test(text))).toEqual([false, false, false]);
});
