import { beforeEach, expect, test } from "vitest";
import type { Language, Problem } from "../wire/types";
import { firstLanguage, keepDraft, languagesFor, readDraft, rememberLanguage, starterFor } from "./drafts";

const python = { id: "python3", available: true, starter: "\nprint()\n" } as Language;
const rust = { id: "rust", available: false, starter: "" } as Language;
const place = { problem: "aplusb", language: "python3" };

beforeEach(() => localStorage.clear());

test("a draft is kept per problem and language, and starter code alone is none", () => {
  keepDraft(place, "x = 1", "print()\n");
  expect(readDraft(place)).toBe("x = 1");
  expect(readDraft({ ...place, language: "rust" })).toBeNull();
  keepDraft(place, "print()\n", "print()\n");
  expect(readDraft(place)).toBeNull();
});

test("a language that cannot be had is not chosen, even if it was the last", () => {
  rememberLanguage("rust");
  expect(firstLanguage([rust, python])).toBe(python);
});

test("a problem may name its languages and bring its own starter code", () => {
  const problem = { languages: ["python3"], starters: { python3: "def solve(): ..." } } as unknown as Problem;
  expect(languagesFor(problem, [python, rust])).toEqual([python]);
  expect(starterFor(problem, python)).toBe("def solve(): ...");
});
