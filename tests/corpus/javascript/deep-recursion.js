const f = (n) => (n === 0 ? 0 : n + f(n - 1));
console.log(f(parseInt(require("fs").readFileSync(0, "utf8"))));
