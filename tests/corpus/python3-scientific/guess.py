import numpy as np
lo, hi = 1, 1000
while True:
    m = int(np.mean([lo, hi]))
    print(m, flush=True)
    s = input()
    if s == "higher":
        lo = m + 1
    elif s == "lower":
        hi = m - 1
    else:
        break
