import { i18n, type Messages } from "@lingui/core";
import { messages as english } from "../locales/en.po";

/** Loads the message catalog. English is the only language so far; another one would be chosen and fetched here. */
export function loadMessages(): void {
  i18n.loadAndActivate({ locale: "en", messages: english });
}

/** Adds the catalog of a part of the pages that is loaded on demand. */
export function addMessages(messages: Messages): void {
  i18n.load(i18n.locale, messages);
}
