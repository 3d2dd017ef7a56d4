import helper, strutils, sequtils
let a = stdin.readLine.split.map(parseInt)
echo add(a[0], a[1])
