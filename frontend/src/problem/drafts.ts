import { readStored, storedKeys, writeStored } from "../lib/useLocalStorage";
import type { Draft, Language, Problem } from "../api/types";

/** Identifies a draft: one per account, problem and language. The owner of a visitor's drafts is an empty text. */
export interface DraftKey {
  owner: string;
  problem: string;
  language: string;
}

interface StoredDraft {
  text: string;
  /** The server has this text; false until it was sent. */
  isSaved: boolean;
}

const PREFIX = "gavel.drafts.";
/** The prefix of keys from releases in which drafts had no owner. */
const OLD_PREFIX = "gavel.draft.";
const INPUTS = "gavel.tests.";
const VISITOR = "";
const TYPED_HERE = "gavel.visitor-typed";

function storageKey({ owner, problem, language }: DraftKey): string {
  return `${prefixOf(owner, problem)}${language}`;
}

function prefixOf(owner: string, problem: string): string {
  return `${PREFIX}${encodeURIComponent(owner)}/${encodeURIComponent(problem)}/`;
}

function readRecord(key: string): StoredDraft | null {
  try {
    const found = JSON.parse(readStored(key) ?? "null") as StoredDraft | null;
    return typeof found?.text === "string" ? found : null;
  } catch {
    return null; // written by something else
  }
}

export function readDraft(draft: DraftKey): string | null {
  return readRecord(storageKey(draft))?.text ?? null;
}

/** Whether the server has the stored text, or nothing is stored. */
export function isSaved(draft: DraftKey): boolean {
  return readRecord(storageKey(draft))?.isSaved ?? true;
}

/** Stores a draft; text equal to the starter code deletes it. */
export function saveDraft(draft: DraftKey, text: string, starter: string): void {
  if (draft.owner === VISITOR) rememberTyping();
  writeStored(storageKey(draft), text === starter ? null : JSON.stringify({ text, isSaved: false }));
}

/** Notes that the server has this text, unless the draft was changed meanwhile. */
export function markSaved(draft: DraftKey, text: string): void {
  if (readDraft(draft) === text) writeStored(storageKey(draft), JSON.stringify({ text, isSaved: true }));
}

/** The languages in which a problem has a draft here. */
function languagesOf(owner: string, problem: string): string[] {
  const prefix = prefixOf(owner, problem);
  return storedKeys(prefix).map((key) => key.slice(prefix.length));
}

/**
 * Takes over what another device saved. A text that this browser has not sent yet stays. A text that was sent is
 * removed if the server does not have it any more, because another device has discarded it.
 */
export function mergeDrafts(owner: string, problem: string, saved: readonly Draft[]): void {
  const texts = new Map(saved.map((draft) => [draft.language, draft.source]));
  for (const language of new Set([...languagesOf(owner, problem), ...texts.keys()])) {
    const key = { owner, problem, language };
    if (!isSaved(key)) continue;
    const text = texts.get(language);
    writeStored(storageKey(key), text === undefined ? null : JSON.stringify({ text, isSaved: true }));
  }
  // If no language was chosen in this browser yet, choose the language of the newest draft.
  const newest = saved.toSorted((one, other) => other.saved_at.localeCompare(one.saved_at))[0];
  if (newest && readStored(LAST_LANGUAGE) === null) saveLanguage(newest.language);
}

/**
 * Moves what a visitor wrote to the account that signed in. A visitor's draft replaces a draft of the account only if
 * it was typed in this tab. On a shared computer, a draft that was typed before may be somebody else's.
 */
export function adoptVisitorDrafts(owner: string, problem: string): void {
  if (owner === VISITOR) return;
  const isTypedHere = hasTypedHere();
  for (const language of languagesOf(VISITOR, problem)) {
    const from = { owner: VISITOR, problem, language };
    const to = { owner, problem, language };
    const text = readDraft(from);
    if (text !== null && (isTypedHere || readDraft(to) === null)) saveDraft(to, text, "");
    writeStored(storageKey(from), null);
  }
}

/** Removes every draft and own input from this browser, at sign-out. */
export function forgetDrafts(): void {
  for (const prefix of [PREFIX, OLD_PREFIX, INPUTS, "gavel.input."])
    for (const key of storedKeys(prefix)) writeStored(key, null);
}

function rememberTyping(): void {
  try {
    sessionStorage.setItem(TYPED_HERE, "1");
  } catch {
    // The browser allows no storage: the draft is kept only while this page is open.
  }
}

function hasTypedHere(): boolean {
  try {
    return sessionStorage.getItem(TYPED_HERE) !== null;
  } catch {
    return false;
  }
}

/** The key under which the own inputs for a problem are stored. */
export function inputsKey(owner: string, problem: string): string {
  return `${INPUTS}${encodeURIComponent(owner)}/${encodeURIComponent(problem)}`;
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

/** The language used last if it is available, else the first available language, else the first language. */
export function firstLanguage(languages: readonly Language[]): Language | undefined {
  const last = readStored(LAST_LANGUAGE);
  const open = languages.filter((language) => language.available);
  return open.find((language) => language.id === last) ?? open[0] ?? languages[0];
}

export function saveLanguage(id: string): void {
  writeStored(LAST_LANGUAGE, id);
}
