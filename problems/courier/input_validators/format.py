import re
import sys

MAX_TOWNS, MAX_ROADS = int("{{max_towns}}"), int("{{max_roads}}")
lines = sys.stdin.read().split("\n")
if lines.pop() != "" or not re.fullmatch(r"\d+ \d+", lines[0]):
    sys.exit(1)
n, m = map(int, lines[0].split())
if not 2 <= n <= MAX_TOWNS or not 0 <= m <= MAX_ROADS or len(lines) != m + 1:
    sys.exit(1)
for line in lines[1:]:
    if not re.fullmatch(r"\d+ \d+ \d+", line):
        sys.exit(1)
    u, v, w = map(int, line.split())
    if not (1 <= u <= n and 1 <= v <= n and 1 <= w <= 10**9):
        sys.exit(1)
sys.exit(42)
