import strutils, sequtils
var total: int
proc work(n: int) {.thread.} = atomicInc(total, n)
let a = stdin.readLine.split.map(parseInt)
var t: array[2, Thread[int]]
for i in 0 .. 1: createThread(t[i], work, a[i])
joinThreads(t)
echo total
