import * as readline from "readline";
const rl = readline.createInterface({ input: process.stdin });
let lo = 1, hi = 1000, m = 500;
console.log(m);
rl.on("line", (s: string) => {
  if (s === "correct") { rl.close(); return; }
  if (s === "higher") lo = m + 1; else hi = m - 1;
  m = Math.floor((lo + hi) / 2);
  console.log(m);
});
