import type { Catalogs } from "./i18n";

/** The texts of the parts that are loaded on demand. */
export const TEXTS_OF_ACCOUNT = import.meta.glob("../account/locales/*.po") as Catalogs;
export const TEXTS_OF_ADMIN = import.meta.glob("../admin/locales/*.po") as Catalogs;
export const TEXTS_OF_AUTHORING = import.meta.glob("../authoring/locales/*.po") as Catalogs;
export const TEXTS_OF_EVENTS = import.meta.glob("../events/locales/*.po") as Catalogs;
export const TEXTS_OF_HOME = import.meta.glob("../home/locales/*.po") as Catalogs;
export const TEXTS_OF_SHARING = import.meta.glob("../sharing/locales/*.po") as Catalogs;
export const TEXTS_OF_WEBHOOKS = import.meta.glob("../webhooks/locales/*.po") as Catalogs;
