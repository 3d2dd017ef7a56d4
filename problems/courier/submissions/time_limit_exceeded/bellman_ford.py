import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n, m = data[0], data[1]
roads = [tuple(data[i : i + 3]) for i in range(2, 2 + 3 * m, 3)]
best = [10**18] * (n + 1)
best[1] = 0
for _ in range(n):
    for u, v, w in roads:
        best[v] = min(best[v], best[u] + w)
        best[u] = min(best[u], best[v] + w)
print("impossible" if best[n] == 10**18 else best[n])
