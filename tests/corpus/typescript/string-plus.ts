declare function require(name: string): any;
const p: any = require("fs").readFileSync(0, "utf8").trim().split(" ");
console.log(p[0] + p[1]);
