import numpy as np
from scipy import fft, optimize, stats
a = np.array([[2.0, 1.0], [1.0, 3.0]])
ok = np.allclose(a @ np.linalg.solve(a, [3, 5]), [3, 5])
ok &= np.allclose(fft.ifft(fft.fft([1, 2, 3])).real, [1, 2, 3])
ok &= abs(optimize.brentq(lambda x: x * x - 2, 0, 2) ** 2 - 2) < 1e-9
ok &= abs(stats.norm.cdf(0) - 0.5) < 1e-12
np.random.default_rng(1).normal(size=10)
print("Hello, World!" if ok else "no")
