export interface MessagePart {
  text: string;
  line?: number;
  column?: number;
}

// main.cpp:12:5 · Main.java:5 · main.go:5:2 · --> main.rs:3:5 · main.py", line 3 · main.ts(3,5)
const LOCATION = /[\w./+-]+\.[A-Za-z+]{1,5}(?::(\d+)(?::(\d+))?|", line (\d+)|\((\d+),(\d+)\))/g;

/** Splits a compiler's message at each source location, so that locations can become links. */
export function splitAtLocations(message: string): MessagePart[] {
  const parts: MessagePart[] = [];
  let from = 0;
  for (const found of message.matchAll(LOCATION)) {
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
