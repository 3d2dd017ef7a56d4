import sys
import numpy as np
print(int(np.loadtxt(sys.stdin).sum()))
