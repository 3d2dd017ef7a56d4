import numpy as np

print(int(np.array(input().split(), int).sum()))
