import { beforeEach, expect, test } from "vitest";
import type { Language, Problem } from "../api/types";
import {
  adoptVisitorDrafts,
  firstLanguage,
  forgetDrafts,
  isSaved,
  languagesFor,
  markSaved,
  mergeDrafts,
  readDraft,
  saveDraft,
  saveLanguage,
  starterFor,
} from "./drafts";

const python = { id: "python3", available: true, starter: "\nprint()\n" } as Language;
const rust = { id: "rust", available: false, starter: "" } as Language;
const draft = { owner: "ada", problem: "aplusb", language: "python3" };
const saved = (source: string) => [{ language: "python3", source, saved_at: "2026-11-29T14:00:00Z" }];

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

test("a draft is stored per account, problem and language, and starter code alone is not stored", () => {
  saveDraft(draft, "x = 1", "print()\n");
  expect(readDraft(draft)).toBe("x = 1");
  expect(readDraft({ ...draft, language: "rust" })).toBeNull();
  expect(readDraft({ ...draft, owner: "bob" })).toBeNull();
  saveDraft(draft, "print()\n", "print()\n");
  expect(readDraft(draft)).toBeNull();
});

test("what another device saved is taken over, and what was not sent yet stays", () => {
  mergeDrafts("ada", "aplusb", saved("from the phone"));
  expect(readDraft(draft)).toBe("from the phone");
  saveDraft(draft, "typed since", "");
  mergeDrafts("ada", "aplusb", saved("from the phone"));
  expect(readDraft(draft)).toBe("typed since");
  markSaved(draft, "typed since");
  mergeDrafts("ada", "aplusb", []);
  expect(readDraft(draft)).toBeNull();
});

test("a text that changed while it was sent is not taken for saved", () => {
  saveDraft(draft, "newer", "");
  markSaved(draft, "older");
  expect(isSaved(draft)).toBe(false);
});

test("what a visitor typed in this tab becomes the draft of the account that signs in", () => {
  saveDraft({ ...draft, owner: "" }, "typed before signing in", "");
  mergeDrafts("ada", "aplusb", saved("from yesterday"));
  adoptVisitorDrafts("ada", "aplusb");
  expect(readDraft(draft)).toBe("typed before signing in");
  expect(readDraft({ ...draft, owner: "" })).toBeNull();
});

test("what somebody else left in this browser replaces no draft", () => {
  saveDraft({ ...draft, owner: "" }, "somebody else's", "");
  sessionStorage.clear();
  mergeDrafts("ada", "aplusb", saved("from yesterday"));
  adoptVisitorDrafts("ada", "aplusb");
  expect(readDraft(draft)).toBe("from yesterday");
});

test("signing out leaves no draft in this browser", () => {
  saveDraft(draft, "x = 1", "");
  localStorage.setItem("gavel.draft.aplusb.python3", "of an earlier release");
  forgetDrafts();
  expect(Object.keys(localStorage)).toEqual([]);
});

test("an unavailable language is not chosen, even if it was used last", () => {
  saveLanguage("rust");
  expect(firstLanguage([rust, python])).toBe(python);
});

test("a problem may limit the languages and bring its own starter code", () => {
  const problem = { languages: ["python3"], starters: { python3: "def solve(): ..." } } as unknown as Problem;
  expect(languagesFor(problem, [python, rust])).toEqual([python]);
  expect(starterFor(problem, python)).toBe("def solve(): ...");
});
