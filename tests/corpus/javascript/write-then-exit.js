process.stdin.resume();
process.stdin.setEncoding("utf-8");
let inputString = "";
process.stdin.on("data", (d) => { inputString += d; });
process.stdin.on("end", () => {
  main(inputString.trim().split("\n"));
  process.exit(0);
});
function main(lines) {
  let s = "";
  for (let i = 1, n = Number(lines[0]); i <= n; i++) s += i + "\n";
  process.stdout.write(s);
}
