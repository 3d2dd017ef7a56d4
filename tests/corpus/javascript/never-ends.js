console.log("Hello, World!");
setInterval(() => {}, 1000);
