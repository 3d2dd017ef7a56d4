// Tries node's debugger, datagrams and a worker thread.
// @limits memory=256 wall=3 cpu=3 processes=24
let hit = false;
try { require("inspector").open(0, "127.0.0.1"); hit = require("inspector").url() !== undefined; } catch (e) {}
try { hit ||= require("fs").readdirSync("/proc/1/root").length > 0; } catch (e) {}
try { const d = require("dgram").createSocket("udp4"); d.on("error", () => {}); d.bind(0, () => { console.log("ESCAPED"); process.exit(0); }); } catch (e) {}
try { const { Worker } = require("worker_threads"); new Worker(`require("net").connect(22, "127.0.0.1", () => console.log("ESCAPED")).on("error", () => {})`, { eval: true }); } catch (e) {}
setTimeout(() => { console.log(hit ? "ESCAPED" : "held"); process.exit(0); }, 300);
