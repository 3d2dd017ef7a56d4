import heapq
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n, m = data[0], data[1]
roads = [[] for _ in range(n + 1)]
for i in range(2, 2 + 3 * m, 3):
    u, v, w = data[i : i + 3]
    roads[u].append((v, w))
    roads[v].append((u, w))
best = [None] * (n + 1)
queue = [(0, 1)]
while queue:
    time, town = heapq.heappop(queue)
    if best[town] is not None:
        continue
    best[town] = time
    for other, w in roads[town]:
        if best[other] is None:
            heapq.heappush(queue, (time + w, other))
print("impossible" if best[n] is None else best[n])
