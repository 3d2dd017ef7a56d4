import sys
import numpy as np
np.savetxt(sys.stdout, np.arange(1, int(input()) + 1), fmt="%d")
sys.exit()
