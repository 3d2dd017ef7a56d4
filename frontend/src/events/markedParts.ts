import type { Schemas } from "../api/types";

export type Region = Schemas["RegionOut"];

/** A part of a text, within one passage or within none. */
export interface MarkedPart {
  start: number;
  text: string;
  passage: number | null;
  /** The part begins its passage. */
  isFirst: boolean;
}

/** A text cut where passages begin and end. Where they overlap, the first passage is shown. */
export function markedParts(text: string, regions: readonly Region[]): MarkedPart[] {
  const starts = lineStarts(text);
  const offset = (line: number, column: number) =>
    line < starts.length ? Math.min((starts[line] ?? 0) + column, text.length) : text.length;
  const passageAt = new Int32Array(text.length).fill(-1);
  regions.forEach((each, number) => {
    const end = offset(each.end_line, each.end_column);
    for (let at = offset(each.start_line, each.start_column); at < end; at++)
      if (passageAt[at] === -1) passageAt[at] = number;
  });
  const seen = new Set<number>();
  const parts: MarkedPart[] = [];
  for (let start = 0, end = 0; start < text.length; start = end) {
    const passage = passageAt[start] ?? -1;
    while (end < text.length && passageAt[end] === passage) end++;
    parts.push({
      start,
      text: text.slice(start, end),
      passage: passage === -1 ? null : passage,
      isFirst: passage !== -1 && !seen.has(passage),
    });
    seen.add(passage);
  }
  return parts;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
