from math import isqrt

n = int(input())
found = []
for _ in range(4):
    found.append(isqrt(n))
    n -= found[-1] ** 2
print(*found)
