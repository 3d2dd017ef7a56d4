declare function require(name: string): any;
declare function BigInt(text: string): any;
const parts: string[] = require("fs").readFileSync(0, "utf8").trim().split(/\s+/);
console.log(String(BigInt(parts[0]) + BigInt(parts[1])));
