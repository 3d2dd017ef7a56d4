const o: any = {};
console.log(o.greet());
