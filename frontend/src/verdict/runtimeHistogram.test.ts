import { describe, expect, it } from "vitest";
import { caption } from "./RuntimeHistogram";

const BINS = [
  { from_ms: 0, to_ms: 10, count: 13 },
  { from_ms: 10, to_ms: 20, count: 5 },
];
const MANY = { language: "cpp20", count: 18, bins: BINS, values: [], band_ms: null };

describe("the histogram's caption", () => {
  it("counts only those in slower bins", () => {
    expect(caption(MANY, 4)).toBe("Faster than the best accepted submission of 5 of 18 people");
  });

  it("counts few runtimes one by one", () => {
    const few = { ...MANY, count: 3, values: [3, 5, 9] };
    expect(caption(few, 4)).toBe("Faster than the best accepted submission of 2 of 3 people");
  });

  it("does not compare the first one with itself", () => {
    expect(caption({ ...MANY, count: 1 }, 4)).toContain("first accepted");
  });
});
