import { formatter } from "@lingui/format-po";

/**
 * Message catalogs, one file a language. The admin pages have their own, which is loaded with them: most people never
 * open these pages. English is the language of the source.
 */
export default {
  locales: ["en"],
  sourceLocale: "en",
  catalogs: [
    { path: "<rootDir>/src/locales/{locale}", include: ["<rootDir>/src"], exclude: ["**/*.test.*", "**/src/admin/**"] },
    { path: "<rootDir>/src/admin/locales/{locale}", include: ["<rootDir>/src/admin"], exclude: ["**/*.test.*"] },
  ],
  format: formatter({ lineNumbers: false }),
};
