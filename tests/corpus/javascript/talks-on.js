console.log(37);
setTimeout(() => { for (let i = 0; i < 1000; i++) console.log("more"); }, 300);
