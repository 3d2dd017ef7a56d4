n = int(input())
for a in range(1001):
    for b in range(1001):
        for c in range(1001):
            for d in range(1001):
                if a * a + b * b + c * c + d * d == n:
                    print(a, b, c, d)
                    raise SystemExit
