(async () => {
  const rl = require("readline").createInterface({ input: process.stdin });
  let sum = 0;
  for await (const line of rl) for (const w of line.split(/\s+/)) if (w) sum += +w;
  console.log(sum);
})();
