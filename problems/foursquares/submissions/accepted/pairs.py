n = int(input())
first = {}
for a in range(1001):
    for b in range(a, 1001):
        if a * a + b * b > n:
            break
        rest = n - a * a - b * b
        first.setdefault(a * a + b * b, (a, b))
        if rest in first:
            print(a, b, *first[rest])
            raise SystemExit
