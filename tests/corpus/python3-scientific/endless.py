import numpy as np
x = np.zeros(10)
while True:
    x += 1
