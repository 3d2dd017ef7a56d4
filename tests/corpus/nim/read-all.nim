import strutils
var s = 0
for w in stdin.readAll.splitWhitespace: s += w.parseInt
echo s
