const f = (a: number => a + 1;
console.log(f(1));
