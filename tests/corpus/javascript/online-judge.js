const file = process.env.ONLINE_JUDGE === undefined ? "input.txt" : 0;
const words = require("fs").readFileSync(file, "utf8").trim().split(/\s+/);
console.log(words.map(Number).reduce((a, b) => a + b));
