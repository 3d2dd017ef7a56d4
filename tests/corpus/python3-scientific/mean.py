import numpy as np
input()
print(f"{np.mean(np.array(input().split(), float)):.6f}")
