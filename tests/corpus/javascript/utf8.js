const строка = require("fs").readFileSync(0, "utf8").trim();
console.log([...строка].reverse().join(""));
