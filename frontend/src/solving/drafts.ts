import { recall, remember } from "../furniture/remembered";
import type { Language, Problem } from "../wire/types";

/** Drafts live in this browser only, one per problem and language. */
export interface DraftPlace {
  problem: string;
  language: string;
}

function key({ problem, language }: DraftPlace): string {
  return `gavel.draft.${problem}.${language}`;
}

export function readDraft(place: DraftPlace): string | null {
  return recall(key(place));
}

/** A draft that is only the starter code again is no draft. */
export function keepDraft(place: DraftPlace, text: string, starter: string): void {
  remember(key(place), text === starter ? null : text);
}

/** What the editor begins with: the problem's own starter code for the language, else the language's. */
export function starterFor(problem: Problem, language: Language): string {
  return (problem.starters?.[language.id] ?? language.starter ?? "").replace(/^\n/, "");
}

/** The languages this problem may be solved in; an empty list in the package means all. */
export function languagesFor(problem: Problem, languages: readonly Language[]): Language[] {
  const allowed = problem.languages ?? [];
  return languages.filter((language) => allowed.length === 0 || allowed.includes(language.id));
}

const LAST_LANGUAGE = "gavel.language";

/** The language used last, if it can be had here; else the first that can. */
export function firstLanguage(languages: readonly Language[]): Language | undefined {
  const last = recall(LAST_LANGUAGE);
  const open = languages.filter((language) => language.available);
  return open.find((language) => language.id === last) ?? open[0] ?? languages[0];
}

export function rememberLanguage(id: string): void {
  remember(LAST_LANGUAGE, id);
}
