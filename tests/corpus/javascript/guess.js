const rl = require("readline").createInterface({ input: process.stdin });
let lo = 1, hi = 1000, m;
const ask = () => { m = (lo + hi) >> 1; console.log(m); };
rl.on("line", (s) => {
  if (s === "correct") return rl.close();
  if (s === "higher") lo = m + 1; else hi = m - 1;
  ask();
});
ask();
