function f(n) { return f(n + 1) + 1; }
console.log(f(0));
