import sys
import pandas as pd
words = pd.Series(sys.stdin.read().split())
for word, count in words.value_counts().sort_index().items():
    print(word, count)
