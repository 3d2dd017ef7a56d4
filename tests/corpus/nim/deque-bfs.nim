import std/[deques, strutils, sequtils]
let rc = stdin.readLine.splitWhitespace.map(parseInt)
let (r, c) = (rc[0], rc[1])
var g: seq[string]
for _ in 0 ..< r: g.add stdin.readLine
var dist = newSeqWith(r, newSeqWith(c, -1))
var q = initDeque[(int, int)]()
for i in 0 ..< r:
  for j in 0 ..< c:
    if g[i][j] == 'S':
      q.addLast((i, j))
      dist[i][j] = 0
var answer = -1
while q.len > 0:
  let (i, j) = q.popFirst
  if g[i][j] == 'E':
    answer = dist[i][j]
    break
  for (di, dj) in [(0, 1), (1, 0), (0, -1), (-1, 0)]:
    let (x, y) = (i + di, j + dj)
    if x >= 0 and y >= 0 and x < r and y < c and g[x][y] != '#' and dist[x][y] < 0:
      dist[x][y] = dist[i][j] + 1
      q.addLast((x, y))
echo answer
