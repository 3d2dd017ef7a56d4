console.log("Hello, World!");
process.exitCode = 4;
