import os, times
proc main() =
  let unused = 3
  echo "Hello, World!"
when isMainModule: main()
