import re
import sys

hit = re.fullmatch(r"(-?\d+(?: -?\d+)+)\n(-?\d+)\n", sys.stdin.read())
if not hit:
    sys.exit(1)
numbers, target = list(map(int, hit[1].split())), int(hit[2])
if len(numbers) > 10**5 or any(abs(number) > 10**9 for number in numbers):
    sys.exit(1)
pairs, seen = 0, {}
for number in numbers:
    pairs += seen.get(target - number, 0)
    seen[number] = seen.get(number, 0) + 1
sys.exit(42 if pairs == 1 else 1)
