import sys
import numpy as np
a = np.array(sys.stdin.buffer.read().split(), dtype=np.int64)
print(a[1:].sum())
