import numpy as np
print("Hello, World!"
