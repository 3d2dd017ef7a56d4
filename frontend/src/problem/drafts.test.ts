import { beforeEach, expect, test } from "vitest";
import type { Language, Problem } from "../api/types";
import { firstLanguage, saveDraft, languagesFor, readDraft, saveLanguage, starterFor } from "./drafts";

const python = { id: "python3", available: true, starter: "\nprint()\n" } as Language;
const rust = { id: "rust", available: false, starter: "" } as Language;
const draft = { problem: "aplusb", language: "python3" };

beforeEach(() => localStorage.clear());

test("a draft is stored per problem and language, and starter code alone is not stored", () => {
  saveDraft(draft, "x = 1", "print()\n");
  expect(readDraft(draft)).toBe("x = 1");
  expect(readDraft({ ...draft, language: "rust" })).toBeNull();
  saveDraft(draft, "print()\n", "print()\n");
  expect(readDraft(draft)).toBeNull();
});

test("an unavailable language is not chosen, even if it was used last", () => {
  saveLanguage("rust");
  expect(firstLanguage([rust, python])).toBe(python);
});

test("a problem may name its languages and bring its own starter code", () => {
  const problem = { languages: ["python3"], starters: { python3: "def solve(): ..." } } as unknown as Problem;
  expect(languagesFor(problem, [python, rust])).toEqual([python]);
  expect(starterFor(problem, python)).toBe("def solve(): ...");
});
