let r = 1n;
for (let i = BigInt(require("fs").readFileSync(0, "utf8").trim()); i > 1n; i--) r *= i;
console.log(r.toString());
