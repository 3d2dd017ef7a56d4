import { readFileSync } from "fs";
import * as rl from "node:readline/promises";

const text = await Promise.resolve(readFileSync(0, "utf8"));
const [a, b] = text.split(" ").map(Number);
export const sum = a + b;
console.log(sum, rl ? "" : "no");
