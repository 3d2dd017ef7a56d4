import numpy as np
a = np.ones((800, 800))
print("Hello, World!" if (a @ a)[3, 3] == 800 else "no")
