var lo = 1
var hi = 1000
while true:
  let m = (lo + hi) div 2
  echo m
  flushFile(stdout)
  case stdin.readLine
  of "higher": lo = m + 1
  of "lower": hi = m - 1
  else: break
