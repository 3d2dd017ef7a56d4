import sys
lo, hi = 1, 1000
while 1:
    m = (lo + hi) >> 1
    print(m)
    sys.stdout.flush()
    s = sys.stdin.readline().strip()
    if s == "higher":
        lo = m + 1
    elif s == "lower":
        hi = m - 1
    else:
        break
