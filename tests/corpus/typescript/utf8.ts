declare function require(name: string): any;
const grüße: string = require("fs").readFileSync(0, "utf8").trim();
console.log(Array.from(grüße).reverse().join(""));
