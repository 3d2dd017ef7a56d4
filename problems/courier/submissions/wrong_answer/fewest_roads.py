import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n, m = data[0], data[1]
roads = [[] for _ in range(n + 1)]
for i in range(2, 2 + 3 * m, 3):
    u, v, w = data[i : i + 3]
    roads[u].append((v, w))
    roads[v].append((u, w))
best = [None] * (n + 1)
best[1] = 0
queue = [1]
for town in queue:
    for other, w in roads[town]:
        if best[other] is None:
            best[other] = best[town] + w
            queue.append(other)
print("impossible" if best[n] is None else best[n])
