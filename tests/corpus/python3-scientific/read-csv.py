import sys
import pandas as pd
print(pd.read_csv(sys.stdin, sep=" ", header=None).sum(axis=1)[0])
