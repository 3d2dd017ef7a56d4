const a = [];
for (;;) a.push({ x: Math.random(), y: [1, 2, 3] });
