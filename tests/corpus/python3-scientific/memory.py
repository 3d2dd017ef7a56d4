import numpy as np
all = []
while True:
    all.append(np.ones(1_000_000))
