import numpy as np
print("Hello, World!" if np.zeros(3).sum() == 0 else "")
