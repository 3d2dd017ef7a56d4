import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SearchField } from "../components/SearchField";
import { show } from "../testing/show";
import { useQueryFilters } from "./useQueryFilters";

function Search() {
  const [filter, choose] = useQueryFilters(["search", "page"] as const);
  return (
    <>
      <SearchField
        label="Search"
        placeholder=""
        value={filter.search ?? ""}
        search={(text) => choose("search", text)}
      />
      <output>{filter.search}</output>
    </>
  );
}

beforeEach(() => history.replaceState(null, "", "/problems?page=2"));
afterEach(() => vi.restoreAllMocks());

test("a search is in the address at once, and begins with the first page", async () => {
  show(<Search />);
  await userEvent.type(screen.getByRole("searchbox"), "tree");
  expect(location.search).toBe("?search=tree");
});

test("a search goes on while Safari refuses changes of the address, which is written later", async () => {
  const refusal = new DOMException("Attempt to use history.replaceState() more than 100 times", "SecurityError");
  show(<Search />);
  await userEvent.type(screen.getByRole("searchbox"), "tr");
  const refuse = vi.spyOn(history, "replaceState").mockImplementation(() => {
    throw refusal;
  });
  await userEvent.type(screen.getByRole("searchbox"), "ee");
  expect(refuse).toHaveBeenCalled();
  expect(screen.getByRole("searchbox")).toHaveProperty("value", "tree");
  expect(screen.getByRole("status").textContent).toBe("tree");
  expect(location.search).toBe("?search=tr");
  refuse.mockRestore();
  await waitFor(() => expect(location.search).toBe("?search=tree"), { timeout: 10_000 });
  await userEvent.type(screen.getByRole("searchbox"), "s");
  expect(location.search).toBe("?search=trees");
});
