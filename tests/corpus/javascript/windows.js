var lines = require('fs').readFileSync(0, 'utf8').split('\n');
var parts = lines[0].split(' ');
console.log(parseInt(parts[0]) + parseInt(parts[1]));
