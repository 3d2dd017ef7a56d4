import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setSession } from "../api/session";
import { Link } from "../lib/routing";
import { show } from "../testing/show";
import { PageLayout } from "./PageLayout";

const scrollTo = vi.fn();

beforeEach(() => {
  setSession(false);
  scrollTo.mockClear();
  vi.stubGlobal("scrollTo", scrollTo);
  vi.stubGlobal("fetch", async () => Response.json({ mode: "open", message: "", until: null }));
});
afterEach(() => vi.unstubAllGlobals());

test("a link begins its page at the top, and the Back button leaves the position to the browser", async () => {
  const main = () => screen.getByRole("main");
  history.replaceState(null, "", "/problems");
  show(
    <PageLayout>
      <Link to="/problems/aplusb">A Plus B</Link>
    </PageLayout>,
  );
  await userEvent.click(screen.getByRole("link", { name: "A Plus B" }));
  expect(scrollTo).toHaveBeenCalledWith(0, 0);
  scrollTo.mockClear();
  main().blur();
  history.back();
  dispatchEvent(new PopStateEvent("popstate"));
  await waitFor(() => expect(document.activeElement).toBe(main()));
  expect(scrollTo).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("link", { name: "A Plus B" }));
  expect(scrollTo).toHaveBeenCalledWith(0, 0);
});
