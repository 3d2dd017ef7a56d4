declare function require(name: string): any;
const [a, b]: number[] = require("fs").readFileSync(0, "utf8").split(" ").map(Number);
console.log(a + b);
