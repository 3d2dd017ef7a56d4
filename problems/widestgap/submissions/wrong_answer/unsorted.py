import sys

values = list(map(int, sys.stdin.buffer.read().split()[1:]))
print(max(abs(b - a) for a, b in zip(values, values[1:])))
