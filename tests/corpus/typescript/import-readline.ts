import * as readline from "readline";

const rl = readline.createInterface({ input: process.stdin, output: process.stdout, terminal: false });
const lines: string[] = [];
rl.on("line", (line: string) => { lines.push(line); });
rl.on("close", () => {
  const n = Number(lines[0]);
  const out: number[] = [];
  for (let i = 1; i <= n; i++) out.push(i);
  console.log(out.join("\n"));
  process.exit(0);
});
