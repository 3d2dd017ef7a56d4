import strutils
let n = stdin.readLine.parseInt
var s = ""
for i in 1 .. n: s.add($i & "\n")
stdout.write(s)
quit(0)
