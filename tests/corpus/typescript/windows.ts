declare function require(name: string): any;
const line: string = require("fs").readFileSync(0, "utf8");
const nums: Array<number> = line.split(" ").map(Number);
console.log(nums[0] + nums[1]);
