declare var require: any;
interface Pos { readonly x: number; readonly y: number }
enum Cell { Free, Wall, End }
class Queue<T> {
  private items: T[] = [];
  private head = 0;
  push(item: T): this { this.items.push(item); return this; }
  pop(): T | undefined { return this.items[this.head++]; }
}
const [head, ...g]: string[] = require("fs").readFileSync(0, "utf8").trim().split("\n");
const cell = (x: number, y: number): Cell => {
  const ch = g[x]?.[y];
  return ch === undefined || ch === "#" ? Cell.Wall : ch === "E" ? Cell.End : Cell.Free;
};
const q = new Queue<[Pos, number]>();
const seen = new Set<string>();
const push = (p: Pos, d: number): void => {
  const key = `${p.x},${p.y}`;
  if (seen.has(key) || cell(p.x, p.y) === Cell.Wall) return;
  seen.add(key);
  q.push([p, d]);
};
g.forEach((row, x) => { const y = row.indexOf("S"); if (y >= 0) push({ x, y }, 0); });
let best = -1;
for (let e = q.pop(); e !== undefined; e = q.pop()) {
  const [{ x, y }, d] = e;
  if (cell(x, y) === Cell.End) { best = d; break; }
  push({ x: x + 1, y }, d + 1); push({ x: x - 1, y }, d + 1); push({ x, y: y + 1 }, d + 1); push({ x, y: y - 1 }, d + 1);
}
console.log(best);
