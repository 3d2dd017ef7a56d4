import { describe, expect, it } from "vitest";
import { caption, fewRange } from "./RuntimeHistogram";

const BINS = [
  { from_ms: 0, to_ms: 10, count: 13 },
  { from_ms: 10, to_ms: 20, count: 5 },
];
const MANY = { language: "cpp20", count: 18, bins: BINS, values: [], band_ms: null };

describe("the histogram's caption", () => {
  it("counts only the people in slower bins", () => {
    expect(caption(MANY, 4)).toBe("Faster than the best submissions of 5 of 17 other people");
  });

  it("counts few runtimes one by one", () => {
    const few = { ...MANY, count: 3, values: [3, 5, 9] };
    expect(caption(few, 4)).toBe("Faster than the best submissions of all 2 other people");
    expect(caption({ ...few, values: [4, 3, 9] }, 4)).toBe("Faster than the best submissions of 1 of 2 other people");
    expect(caption({ ...few, values: [3, 4, 4] }, 4)).toBe("2 other people were as fast or faster");
  });

  it("does not compare the first person with themselves", () => {
    expect(caption({ ...MANY, count: 1 }, 4)).toContain("No one else");
  });
});

describe("the axis for few runtimes", () => {
  it("has room beside the noise band", () => {
    expect(fewRange([13, 13, 14], [13, 15])).toEqual([12, 16]);
    expect(fewRange([3, 900], [1, 5])).toEqual([0, 902]);
  });

  it("is never empty", () => {
    expect(fewRange([0, 0], null)).toEqual([0, 1]);
  });
});
