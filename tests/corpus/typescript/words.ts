declare function require(name: string): any;
const counts: Record<string, number> = {};
for (const w of (require("fs").readFileSync(0, "utf8") as string).split(/\s+/)) if (w) counts[w] = (counts[w] ?? 0) + 1;
for (const [w, c] of Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))) console.log(w, c);
