export interface MessagePart {
  text: string;
  line?: number;
  column?: number;
}

/** One message of a compiler about a place in the source. */
export interface SourceMark {
  line: number;
  column: number;
  message: string;
}

// main.cpp:12:5 · Main.java:5 · main.go:5:2 · --> main.rs:3:5 · main.py", line 3 · main.ts(3,5)
// A path has a bound: without one, a long word is read again from each of its characters.
const LOCATION = /[\w./+-]{1,200}\.[A-Za-z+]{1,5}(?::(\d+)(?::(\d+))?|", line (\d+)|\((\d+),(\d+)\))/g;
/** Files of the language itself: they are not in the editor. */
const ELSEWHERE = /^\/(usr|opt|lib|nix)\//;
const MOST_MARKS = 100;

/** Splits a message at each location in the submitted source, so that locations can become links. */
export function splitAtLocations(message: string): MessagePart[] {
  const parts: MessagePart[] = [];
  let from = 0;
  for (const found of message.matchAll(LOCATION)) {
    if (ELSEWHERE.test(found[0])) continue;
    if (found.index > from) parts.push({ text: message.slice(from, found.index) });
    parts.push({
      text: found[0],
      line: Number(found[1] ?? found[3] ?? found[4]),
      column: Number(found[2] ?? found[5] ?? 1),
    });
    from = found.index + found[0].length;
  }
  if (from < message.length) parts.push({ text: message.slice(from) });
  return parts;
}

/** The places that a compiler's message names, each with the words that follow it in its line. */
export function sourceMarks(message: string): SourceMark[] {
  const parts = splitAtLocations(message);
  const marks: SourceMark[] = [];
  parts.forEach(({ line, column = 1 }, index) => {
    const after = (parts[index + 1]?.line === undefined ? parts[index + 1]?.text : "") ?? "";
    const words = (after.split("\n")[0] ?? "").replace(/^[\s:,)]+/, "").trim();
    // rustc has the words in the line before the place.
    const before = (parts[index - 1]?.text ?? "").trim().split("\n");
    const text = words || before[before.length - (before[before.length - 1]?.endsWith("-->") ? 2 : 1)] || "";
    if (line !== undefined && text && !/^(note|In function)\b/.test(text)) marks.push({ line, column, message: text });
  });
  return marks.slice(0, MOST_MARKS);
}
