import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { show } from "../testing/show";
import { MarkerList } from "./MarkerList";
import type { Marker } from "./types";

const marks = (count: number): Marker[] =>
  Array.from({ length: count }, (_, hour) => ({
    act: "queue.pause",
    at: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(),
    before: null,
    by: `operator-${hour}`,
    release: null,
    subject: "normal",
  }));

test("a list of marks that leaves some out says so and names the page that has all", () => {
  show(<MarkerList markers={marks(9)} />);
  expect(screen.getAllByRole("listitem", { hidden: true })).toHaveLength(8);
  expect(screen.getByText(/The newest 8 are listed/).textContent).toContain("audit log has all of them");
  expect(screen.queryByText(/operator-0/)).toBeNull();
});

test("a list of all marks has no such note", () => {
  show(<MarkerList markers={marks(8)} />);
  expect(screen.queryByText(/are listed/)).toBeNull();
});
