declare const require: (m: string) => any;
let r: bigint = 1n;
for (let i: bigint = BigInt(require("fs").readFileSync(0, "utf8").trim()); i > 1n; i--) r *= i;
console.log(`${r}`);
