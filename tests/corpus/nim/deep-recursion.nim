import strutils
proc f(n: int): int =
  if n == 0: return 0
  n + f(n - 1)
echo f(stdin.readLine.parseInt)
