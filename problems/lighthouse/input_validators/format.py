import re
import sys

hit = re.fullmatch(r"(\d+) (\d+)\n", sys.stdin.read())
sys.exit(42 if hit and 1 <= int(hit[2]) <= int(hit[1]) <= 10**9 else 1)
