import re
import sys

text = sys.stdin.read()
if not re.fullmatch(r"(0|-?[1-9]\d*) (0|-?[1-9]\d*)\n", text):
    sys.exit(1)
sys.exit(42 if all(abs(int(word)) <= 10**18 for word in text.split()) else 1)
