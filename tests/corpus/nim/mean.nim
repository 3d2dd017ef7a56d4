import strutils, sequtils, math
discard stdin.readLine
let a = stdin.readLine.splitWhitespace.map(parseFloat)
echo sum(a) / a.len.float
