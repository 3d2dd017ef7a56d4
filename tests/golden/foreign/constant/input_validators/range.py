import sys
sys.exit(42 if {{FIVE}} <= int(input()) <= {{SIX}} else 43)
