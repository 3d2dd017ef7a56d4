const data = require('fs').readFileSync(0).toString().split('\n');
let n = parseInt(data[0]), s = 0;
for (let i = 1; i <= n; i++) s += parseInt(data[i]);
console.log(s);
