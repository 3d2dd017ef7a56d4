const n = Number(require("fs").readFileSync(0));
for (let i = 1; i <= n; ++i) console.log(i);
