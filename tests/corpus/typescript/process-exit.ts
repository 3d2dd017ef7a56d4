declare function require(name: string): any;
declare const process: any;
const n = +require("fs").readFileSync(0, "utf8");
console.log(Array.from({ length: n }, (_, i) => i + 1).join("\n"));
process.exit(0);
