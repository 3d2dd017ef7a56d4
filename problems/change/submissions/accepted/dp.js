const [n, s, ...coins] = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const fewest = new Array(s + 1).fill(Infinity);
fewest[0] = 0;
for (const coin of coins)
  for (let sum = coin; sum <= s; sum++) fewest[sum] = Math.min(fewest[sum], fewest[sum - coin] + 1);
console.log(fewest[s] === Infinity ? -1 : fewest[s]);
