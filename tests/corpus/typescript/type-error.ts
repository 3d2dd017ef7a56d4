const x: number = "Hello, World!";
console.log(x);
