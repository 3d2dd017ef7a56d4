import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
r, c = map(int, input().split())
g = [input() for _ in range(r)]
edges = []
for i in range(r):
    for j in range(c):
        if g[i][j] == "S":
            s = i * c + j
        if g[i][j] == "E":
            e = i * c + j
        for x, y in ((i, j + 1), (i + 1, j)):
            if x < r and y < c and g[i][j] != "#" and g[x][y] != "#":
                edges.append((i * c + j, x * c + y))
u, v = np.array(edges).T
d = dijkstra(csr_matrix((np.ones(len(u)), (u, v)), (r * c, r * c)), directed=False, indices=s)[e]
print(int(d) if np.isfinite(d) else -1)
