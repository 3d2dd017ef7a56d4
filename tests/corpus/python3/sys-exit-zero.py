import sys
print("\n".join(map(str, range(1, int(input()) + 1))))
sys.exit()
