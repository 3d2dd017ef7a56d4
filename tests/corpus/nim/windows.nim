import strutils, sequtils
proc main() =
  let a = stdin.readLine.split.map(parseInt)
  echo a[0] + a[1]
main()
