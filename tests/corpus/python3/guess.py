lo, hi = 1, 1000
while True:
    m = (lo + hi) // 2
    print(m, flush=True)
    s = input()
    if s == "correct":
        break
    lo, hi = (m + 1, hi) if s == "higher" else (lo, m - 1)
