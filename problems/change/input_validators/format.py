import re
import sys

hit = re.fullmatch(r"(\d+) (\d+)\n(\d+(?: \d+)*)\n", sys.stdin.read())
if not hit:
    sys.exit(1)
n, s, coins = int(hit[1]), int(hit[2]), list(map(int, hit[3].split()))
good = 1 <= n <= 50 and s <= 100000 and len(coins) == n == len(set(coins))
sys.exit(42 if good and all(1 <= coin <= 100000 for coin in coins) else 1)
