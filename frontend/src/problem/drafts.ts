import { readStored, writeStored } from "../lib/useLocalStorage";
import type { Language, Problem } from "../api/types";

/** Identifies a draft: one per problem and language, stored in this browser only. */
export interface DraftKey {
  problem: string;
  language: string;
}

function storageKey({ problem, language }: DraftKey): string {
  return `gavel.draft.${problem}.${language}`;
}

export function readDraft(draft: DraftKey): string | null {
  return readStored(storageKey(draft));
}

/** Stores a draft; text equal to the starter code deletes it. */
export function saveDraft(draft: DraftKey, text: string, starter: string): void {
  writeStored(storageKey(draft), text === starter ? null : text);
}

/** The problem's starter code for the language, else the language's own. */
export function starterFor(problem: Problem, language: Language): string {
  return (problem.starters?.[language.id] ?? language.starter ?? "").replace(/^\n/, "");
}

/** The languages that the problem allows; an empty list in the package means all. */
export function languagesFor(problem: Problem, languages: readonly Language[]): Language[] {
  const allowed = problem.languages ?? [];
  return languages.filter((language) => allowed.length === 0 || allowed.includes(language.id));
}

const LAST_LANGUAGE = "gavel.language";

/** The language used last if it is available, else the first available one. */
export function firstLanguage(languages: readonly Language[]): Language | undefined {
  const last = readStored(LAST_LANGUAGE);
  const open = languages.filter((language) => language.available);
  return open.find((language) => language.id === last) ?? open[0] ?? languages[0];
}

export function saveLanguage(id: string): void {
  writeStored(LAST_LANGUAGE, id);
}
