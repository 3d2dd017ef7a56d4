import { render, screen } from "@testing-library/react";
import { lazy, Suspense } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addCatalogs } from "../lib/i18n";
import { ErrorBoundary } from "./ErrorBoundary";

const Missing = lazy(() => Promise.reject(new TypeError("Failed to fetch dynamically imported module")));

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

function page(path: string) {
  return (
    <>
      <p>header</p>
      <ErrorBoundary resetKey={path} fallback={<p>could not be loaded</p>}>
        <Suspense fallback="loading">{path === "/missing" ? <Missing /> : <p>content of {path}</p>}</Suspense>
      </ErrorBoundary>
    </>
  );
}

test("if a page cannot be loaded, the header stays and another page can be opened", async () => {
  const { rerender } = render(page("/missing"));
  expect(await screen.findByText("could not be loaded")).toBeTruthy();
  expect(screen.getByText("header")).toBeTruthy();
  rerender(page("/problems"));
  expect(screen.getByText("content of /problems")).toBeTruthy();
});

test("texts that could not be loaded are loaded by the next page that needs them", async () => {
  const load = vi
    .fn()
    .mockRejectedValueOnce(new TypeError("Failed to fetch dynamically imported module"))
    .mockResolvedValue({ messages: { "a-test-message": "here" } });
  const catalogs = { "../some/locales/en.po": load };
  await expect(addCatalogs(catalogs)).rejects.toThrow();
  await addCatalogs(catalogs);
  await addCatalogs(catalogs);
  expect(load).toHaveBeenCalledTimes(2);
});
