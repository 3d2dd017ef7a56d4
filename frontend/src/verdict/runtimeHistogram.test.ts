import { describe, expect, it } from "vitest";
import { caption } from "./RuntimeHistogram";

const BINS = [
  { from_ms: 0, to_ms: 10, count: 3 },
  { from_ms: 10, to_ms: 20, count: 5 },
];

describe("the histogram's caption", () => {
  it("count only those in slower bins", () => {
    const text = caption({ language: "cpp20", count: 8, bins: BINS, band_ms: [2, 6] }, 4);
    expect(text).toContain("Faster than 5 of 8");
    expect(text).toContain("2 to 6 ms");
  });

  it("do not compare the first one with itself", () => {
    expect(caption({ language: "cpp20", count: 1, bins: BINS, band_ms: null }, 4)).toContain("first accepted");
  });
});
