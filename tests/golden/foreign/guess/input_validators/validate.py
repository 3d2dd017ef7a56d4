import re, sys
assert re.fullmatch('(fixed|random|adaptive) [0-9]+\n', sys.stdin.read())
sys.exit(42)
