const n = +require("fs").readFileSync(0, "utf8");
const out = [];
for (let i = 1; i <= n; i++) out.push(i);
console.log(out.join("\n"));
process.exit(0);
