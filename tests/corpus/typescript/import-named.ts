import { readFileSync } from "fs";
const ws = readFileSync(0, "utf8").split(/\s+/);
console.log(Number(ws[0]) + Number(ws[1]));
