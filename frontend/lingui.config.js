import { formatter } from "@lingui/format-po";

/**
 * Message catalogs, one file for each language. Some parts of the pages have their own catalogs, which are loaded with
 * these parts, since most visits do not open them. English is the language of the source.
 */
export default {
  locales: ["en", "de", "es"],
  sourceLocale: "en",
  // A text that has no translation yet is shown in English; npm test and make check refuse it.
  fallbackLocales: { default: "en" },
  catalogs: [
    {
      path: "<rootDir>/src/locales/{locale}",
      include: ["<rootDir>/src"],
      exclude: [
        "**/*.test.*",
        "**/src/account/**",
        "**/src/admin/**",
        "**/src/authoring/**",
        "**/src/events/**",
        "**/src/home/**",
        "**/src/sharing/**",
        "**/src/webhooks/**",
      ],
    },
    { path: "<rootDir>/src/account/locales/{locale}", include: ["<rootDir>/src/account"], exclude: ["**/*.test.*"] },
    {
      path: "<rootDir>/src/authoring/locales/{locale}",
      include: ["<rootDir>/src/authoring"],
      exclude: ["**/*.test.*"],
    },
    { path: "<rootDir>/src/events/locales/{locale}", include: ["<rootDir>/src/events"], exclude: ["**/*.test.*"] },
    { path: "<rootDir>/src/home/locales/{locale}", include: ["<rootDir>/src/home"], exclude: ["**/*.test.*"] },
    { path: "<rootDir>/src/sharing/locales/{locale}", include: ["<rootDir>/src/sharing"], exclude: ["**/*.test.*"] },
    { path: "<rootDir>/src/webhooks/locales/{locale}", include: ["<rootDir>/src/webhooks"], exclude: ["**/*.test.*"] },
    { path: "<rootDir>/src/admin/locales/{locale}", include: ["<rootDir>/src/admin"], exclude: ["**/*.test.*"] },
  ],
  format: formatter({ lineNumbers: false }),
};
