const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
if (isMainThread) {
  const [a, b] = require("fs").readFileSync(0, "utf8").split(" ").map(Number);
  const w = new Worker(__filename, { workerData: { a, b } });
  w.on("message", (x) => console.log(x));
} else {
  parentPort.postMessage(workerData.a + workerData.b);
}
