class MyError extends Error { constructor(readonly code: number) { super("code " + code); } }
console.log("Hello, World!");
throw new MyError(3);
