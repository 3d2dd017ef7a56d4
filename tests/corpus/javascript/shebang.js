#!/usr/bin/env node
const m = {};
for (const w of require("fs").readFileSync(0, "utf8").split(/\s+/).filter(Boolean)) m[w] = (m[w] || 0) + 1;
Object.keys(m).sort().forEach((k) => console.log(k, m[k]));
