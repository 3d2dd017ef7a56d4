import numpy as np
print(np.prod(np.arange(1, int(input()) + 1, dtype=np.int64)))
