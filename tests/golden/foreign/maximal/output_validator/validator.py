import sys
assert sys.argv[4:] == ['--limit', '42'], sys.argv
try:
    apart = abs(int(sys.stdin.read()) - int(open(sys.argv[1]).read()))
except ValueError:
    sys.exit(43)
if apart != {{example_constant}}:
    open(sys.argv[3] + 'judgemessage.txt', 'w').write(f'{apart} apart')
    sys.exit(43)
sys.exit(42)
