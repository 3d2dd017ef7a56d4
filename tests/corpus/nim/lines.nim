import std/[tables, strutils, algorithm, sequtils]
var count: CountTable[string]
for line in stdin.lines:
  for w in line.split: count.inc(w)
for w in toSeq(count.keys).sorted: echo w, " ", count[w]
