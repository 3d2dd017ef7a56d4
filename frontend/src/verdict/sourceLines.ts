export interface Piece {
  text: string;
  line?: number;
  column?: number;
}

// main.cpp:12:5 · Main.java:5 · main.go:5:2 · --> main.rs:3:5 · main.py", line 3 · main.ts(3,5)
const PLACE = /[\w./+-]+\.[A-Za-z+]{1,5}(?::(\d+)(?::(\d+))?|", line (\d+)|\((\d+),(\d+)\))/g;

/** Cut a compiler's message so that each place it names in the source can be made a link. */
export function cutAtPlaces(message: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of message.matchAll(PLACE)) {
    if (found.index > from) pieces.push({ text: message.slice(from, found.index) });
    pieces.push({
      text: found[0],
      line: Number(found[1] ?? found[3] ?? found[4]),
      column: Number(found[2] ?? found[5] ?? 1),
    });
    from = found.index + found[0].length;
  }
  if (from < message.length) pieces.push({ text: message.slice(from) });
  return pieces;
}
