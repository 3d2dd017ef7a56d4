// @ends exited|wall|cpu|signalled|memory  @limits wall=1.5 cpu=2 processes=24 memory=256
const { spawn } = require("child_process");
for (let i = 0; i < 60; i++) spawn("/bin/sleep", ["9"]).on("error", () => {});
