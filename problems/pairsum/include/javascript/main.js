const fs = require("fs");
const path = require("path");

const source = fs.readFileSync(path.join(__dirname, "solution.js"), "utf8");
const Solution = new Function("require", `${source}\nreturn Solution;`)(require);
const [first, second] = fs.readFileSync(0, "utf8").split("\n");
console.log(new Solution().pairSum(first.trim().split(" ").map(Number), Number(second)).join(" "));
