import fs from "fs";
fs.writeSync(1, "Hello, World!\n");
