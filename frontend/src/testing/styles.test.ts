import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "..");
/** Programs run from left to right in every language, and the author of a statement may align a column. */
const MAY_NAME_SIDES = /^(pre,|\.editor-(plain|placeholder)|\.prose :is\(th, td\)\[align="right"\])/;
const SIDE = /(^|[\s-])(left|right)\s*:|(text-align|float):\s*(left|right)/;
/** A shorthand whose second value is for the right side and whose fourth is for the left. */
const FOUR_SIDES = /(?:margin|padding|inset|border-width):\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+);/;

function wrongLines(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), "utf8").replace(/\/\*.*?\*\//gs, "");
  const blocks = [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)];
  return blocks
    .filter(([, selector = ""]) => !MAY_NAME_SIDES.test(selector.trim()))
    .flatMap(([, , rules = ""]) => rules.split("\n"))
    .filter((line) => SIDE.test(line) || isLopsided(line))
    .map((line) => `${file}: ${line.trim()}`);
}

function isLopsided(line: string): boolean {
  const [, , right, , left] = FOUR_SIDES.exec(line) ?? [];
  return right !== left;
}

test("no style names the left or the right side, so that a page may run from right to left", () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css"));
  expect(files.length).toBeGreaterThan(5);
  expect(files.flatMap(wrongLines)).toEqual([]);
});
