import * as fs from "fs";

const input: string = fs.readFileSync("/dev/stdin", "utf8");
const [a, b] = input.trim().split(" ").map((x) => parseInt(x));
console.log(a + b);
