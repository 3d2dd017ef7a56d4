import { expect, test } from "vitest";
import type { Place } from "./usePlace";
import { placeInWords } from "./Waiting";

const place = (change: Partial<Place>): Place => ({
  ahead: 3,
  expected_seconds: 12,
  sent: true,
  reachable: true,
  paused: false,
  ...change,
});

test("the place and about how long it will take", () => {
  expect(placeInWords(place({}), "normal")).toBe("3 ahead in the normal queue, about 12 s.");
  expect(placeInWords(place({ ahead: 0, expected_seconds: null }), "premium")).toBe("Next in the premium queue.");
  expect(placeInWords(undefined, "normal")).toBe("Waiting in the normal queue.");
});

test("in a long line most wait on the server, which is no trouble of the queue", () => {
  expect(placeInWords(place({ ahead: 90, sent: false }), "normal")).toContain("90 ahead");
  expect(placeInWords(place({ sent: false, reachable: false }), "normal")).toContain("cannot be reached");
});

test("a paused queue says so and promises no time", () => {
  const told = placeInWords(place({ paused: true, expected_seconds: null }), "normal");
  expect(told).toContain("3 ahead in the normal queue, which is paused");
});
