import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Problem } from "../api/types";
import { StatementView } from "./StatementView";

const problem: Problem = {
  slug: "sum",
  name: "Sum",
  version: "1",
  type: ["pass-fail"],
  limits: { time: 1, memory: 256, output: 8, code: 256 },
  tests_total: 1,
  authors: [],
  source: null,
  license: "unknown",
  languages: [],
  samples: [],
  statements: [],
  attachments: [],
  starters: {},
  max_score: null,
  suspended: null,
  published: true,
  names: { en: "Sum" },
  keywords: [],
  rights_owner: null,
  embargo_until: null,
  extras: { reference_factor: null, time_factors: {}, memory_extras: {} },
  language_limits: {},
  required_files: [],
};

function show(shown: Problem): void {
  render(
    <I18nProvider i18n={i18n}>
      <StatementView problem={shown} />
    </I18nProvider>,
  );
}

test("a suspended problem says why it takes no submissions", () => {
  show({ ...problem, suspended: "its checker failed" });
  expect(screen.getByRole("status").textContent).toBe("This problem takes no submissions for now: its checker failed");
});

test("a problem that is not suspended has no such notice", () => {
  show(problem);
  expect(screen.queryByRole("status")).toBeNull();
});
