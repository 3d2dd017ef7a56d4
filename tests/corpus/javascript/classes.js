class Queue {
  #a = []; #h = 0;
  push(x) { this.#a.push(x); }
  pop() { return this.#a[this.#h++]; }
  get empty() { return this.#h >= this.#a.length; }
}
const [head, ...g] = require("fs").readFileSync(0, "utf8").trim().split("\n");
const [r, c] = head.split(" ").map(Number);
function* around(x, y) {
  for (const [dx, dy] of [[0, 1], [1, 0], [0, -1], [-1, 0]]) {
    const [nx, ny] = [x + dx, y + dy];
    if (g[nx]?.[ny] && g[nx][ny] !== "#") yield [nx, ny];
  }
}
const q = new Queue(), dist = new Map();
for (let i = 0; i < r; i++) for (let j = 0; j < c; j++) if (g[i][j] === "S") { q.push([i, j]); dist.set(`${i},${j}`, 0); }
let best = -1;
while (!q.empty) {
  const [x, y] = q.pop(), d = dist.get(x + "," + y);
  if (g[x][y] === "E") { best = d; break; }
  for (const [nx, ny] of around(x, y)) if (!dist.has(nx + "," + ny)) { dist.set(nx + "," + ny, d + 1); q.push([nx, ny]); }
}
console.log(best);
