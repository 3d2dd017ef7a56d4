import sys
words = sys.stdin.read()
sys.exit(42 if words.strip().isdigit() and (sys.argv[1:] != ['--small'] or int(words) < 9) else 43)
