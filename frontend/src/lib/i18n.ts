import { i18n, type Messages } from "@lingui/core";

/** The languages of the pages. judge_api/views/page_locale.py has the same list. */
export const LOCALES: readonly string[] = ["en", "de", "es"];
/** Made from English: the first lengthens every text, the second also runs from right to left. Only the cookie chooses them. */
const PSEUDO: readonly string[] = ["en-XA", "ar-XB"];
const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ps|ur|yi)\b/;
const COOKIE = "gavel_locale";
const A_YEAR = 365 * 86_400;

/** The catalogs of one part of the pages, by the path of their files. */
export type Catalogs = Record<string, () => Promise<{ messages: Messages }>>;

const parts: Catalogs[] = [import.meta.glob<{ messages: Messages }>("../locales/*.po")];

/** Loads the texts in the language that the server has chosen for this page, or in a pseudo-locale. */
export function loadMessages(): Promise<void> {
  const chosen = chosenLocale();
  return activate(chosen && PSEUDO.includes(chosen) ? chosen : document.documentElement.lang);
}

const added = new Map<Catalogs, Promise<void>>();

/** Adds the catalogs of a part of the pages that is loaded on demand, in the present language. After a failure the next call tries again. */
export function addCatalogs(catalogs: Catalogs): Promise<void> {
  const known = added.get(catalogs);
  if (known) return known;
  const loaded = loadPart(catalogs);
  added.set(catalogs, loaded);
  loaded.catch(() => added.delete(catalogs));
  return loaded;
}

async function loadPart(catalogs: Catalogs): Promise<void> {
  const asked = i18n.locale;
  await load(catalogs, asked);
  parts.push(catalogs);
  // The language was changed meanwhile.
  if (i18n.locale !== asked) await load(catalogs, i18n.locale);
}

/** Shows the pages in this language from now on. `null` chooses the browser's language. */
export async function chooseLocale(locale: string | null): Promise<void> {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain http.
  document.cookie = `${COOKIE}=${locale ?? ""}; Path=/; SameSite=Lax; Max-Age=${locale ? A_YEAR : 0}`;
  const next = locale ?? browserLocale();
  if (next !== i18n.locale) await activate(next);
}

/** The language that was chosen by an account in this browser, if any. */
export function chosenLocale(): string | undefined {
  return new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(document.cookie)?.[1];
}

/** The present language with the reader's region, such as `en-GB`, for dates and numbers. */
export function regionalLocale(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === i18n.locale) ?? i18n.locale;
}

/** The direction in which a language is written. */
export function directionOf(tag: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.test(tag) ? "rtl" : "ltr";
}

/** The name of a language in itself. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

function browserLocale(): string {
  return navigator.languages.map((tag) => tag.split("-")[0] ?? "").find((tag) => LOCALES.includes(tag)) ?? "en";
}

async function activate(asked: string): Promise<void> {
  const locale = LOCALES.includes(asked) || PSEUDO.includes(asked) ? asked : "en";
  await Promise.all(parts.map((each) => load(each, locale)));
  i18n.activate(locale);
  document.documentElement.lang = locale;
  document.documentElement.dir = directionOf(locale);
}

async function load(catalogs: Catalogs, locale: string): Promise<void> {
  const isPseudo = PSEUDO.includes(locale);
  const file = Object.keys(catalogs).find((path) => path.endsWith(`/${isPseudo ? "en" : locale}.po`));
  const found = file && (await catalogs[file]?.());
  if (!found) throw new Error(`there is no catalog for ${locale}`);
  i18n.load(locale, isPseudo ? (await import("./pseudo")).pseudoMessages(found.messages, locale) : found.messages);
}
