const all: number[][] = [];
while (true) all.push([...Array(100).keys()]);
