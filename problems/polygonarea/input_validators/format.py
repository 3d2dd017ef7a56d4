import re
import sys

lines = sys.stdin.read().split("\n")
number = r"-?\d+(\.\d+)?"
if lines.pop() != "" or not re.fullmatch(r"\d+", lines[0]) or not 3 <= int(lines[0]) <= 1000:
    sys.exit(1)
if len(lines) != int(lines[0]) + 1:
    sys.exit(1)
for line in lines[1:]:
    if not re.fullmatch(f"{number} {number}", line) or any(abs(float(word)) > 10**4 for word in line.split()):
        sys.exit(1)
sys.exit(42)
