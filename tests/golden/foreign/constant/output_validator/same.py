import sys
sys.exit(42 if int(sys.stdin.read()) == {{FIVE}} + {{SIX}} else 43)
