proc scanf(formatstr: cstring) {.header: "<stdio.h>", importc, varargs.}
proc nextInt(): int =
  scanf("%lld", addr result)
let n = nextInt()
var s = 0
for _ in 1 .. n: s += nextInt()
echo s
