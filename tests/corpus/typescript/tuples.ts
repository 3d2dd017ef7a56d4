declare function require(name: string): any;
const order = ["asc", "desc"] as const;
type Order = (typeof order)[number];
function cmp(o: "asc"): (a: number, b: number) => number;
function cmp(o: Order): (a: number, b: number) => number;
function cmp(o: Order) { return (a: number, b: number) => (o === "asc" ? a - b : b - a); }
const config = { order: "asc" } satisfies { order: Order };
const [, line]: [string, string] = require("fs").readFileSync(0, "utf8").split("\n");
console.log(line.trim().split(" ").map(Number).sort(cmp(config.order)).join(" "));
