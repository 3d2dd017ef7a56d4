console.log("Hello, World!");
return;
console.log("never");
