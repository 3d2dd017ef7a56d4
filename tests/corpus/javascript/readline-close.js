const readline = require("readline");
const rl = readline.createInterface({ input: process.stdin, output: process.stdout, terminal: false });
const lines = [];
rl.on("line", (line) => lines.push(line));
rl.on("close", () => {
  const n = parseInt(lines[0]);
  for (let i = 1; i <= n; i++) console.log(i);
  process.exit();
});
