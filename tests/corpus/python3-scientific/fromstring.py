import sys
import numpy as np
read = sys.stdin.readline
n = int(read())
print(np.fromiter((int(read()) for _ in range(n)), dtype=np.int64).sum())
