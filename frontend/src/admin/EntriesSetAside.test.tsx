import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { EntriesSetAside } from "./HealthSummary";

const ENTRY = {
  at: "2026-01-01T00:00:00.000Z",
  source: "reports",
  key: "gavel:reports:worker-a",
  reason: "a report in another worker's name",
  content: "<img src=x>",
};

test("operators see how many entries were set aside, from where, why, and where their content is", () => {
  const { container } = render(
    <I18nProvider i18n={i18n}>
      <EntriesSetAside found={{ total: 7, by_source: { reports: 7 }, latest: [ENTRY] }} />
    </I18nProvider>,
  );
  expect(container.querySelector("summary")?.textContent).toContain("set aside: 7");
  expect(screen.getByText("gavel:reports:worker-a")).toBeTruthy();
  expect(container.textContent).toContain("a report in another worker's name");
  expect(container.textContent).toContain("gavel queue");
  expect(container.querySelector("img")).toBeNull();
});
