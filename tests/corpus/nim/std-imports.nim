import std/[strutils, sequtils, sugar]
echo stdin.readLine().splitWhitespace().map(x => x.parseInt).foldl(a + b)
