console.log("Hello, " + wrold + "!");
