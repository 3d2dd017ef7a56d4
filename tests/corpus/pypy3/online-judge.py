import os
import sys

if os.environ.get("ONLINE_JUDGE") is None:
    sys.stdin = open("input.txt")
print(sum(map(int, sys.stdin.read().split())))
