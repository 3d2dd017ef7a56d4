import macros, strutils, sequtils
type Vec[T] = object
  x: T
proc `+`[T](a, b: Vec[T]): Vec[T] = Vec[T](x: a.x + b.x)
template show(v: untyped) = echo v.x
macro first(l: untyped): untyped = newTree(nnkBracketExpr, l, newLit(0))
let l = stdin.readLine.split.map(parseInt)
show(Vec[int](x: first(l)) + Vec[int](x: l[1]))
