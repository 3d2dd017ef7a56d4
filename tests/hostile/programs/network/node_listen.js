// @limits memory=256 wall=3 cpu=3 processes=24
require("net").createServer().on("error", () => console.log("held")).listen(0, "127.0.0.1", () => { console.log("ESCAPED"); process.exit(); });
