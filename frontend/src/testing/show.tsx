import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";

/** A part of the pages with the texts alone, for a test that has its own cache of answers. */
export function withTexts(children: ReactNode): ReactNode {
  return <I18nProvider i18n={i18n}>{children}</I18nProvider>;
}

/** A part of the pages with the texts and a new cache of answers. */
export function withProviders(children: ReactNode): ReactNode {
  return withTexts(<QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>);
}

export function show(children: ReactNode): void {
  render(withProviders(children));
}
