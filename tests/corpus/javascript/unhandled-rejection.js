console.log("Hello, World!");
Promise.reject(new Error("late"));
