const { readFileSync } = require("node:fs");
const { EOL } = require("os");
module.exports = { add: (a, b) => a + b };
process.stdout.write(module.exports.add(...readFileSync(0, "utf8").split(" ").map(Number)) + EOL);
