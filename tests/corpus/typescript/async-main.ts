import { createInterface } from "readline";
async function main(): Promise<void> {
  let sum = 0;
  for await (const line of createInterface({ input: process.stdin }))
    sum += line.split(" ").filter((w) => w !== "").reduce((a, w) => a + parseInt(w, 10), 0);
  console.log(sum);
}
main();
