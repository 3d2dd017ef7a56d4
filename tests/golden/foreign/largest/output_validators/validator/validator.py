import sys
right = open(sys.argv[2]).read().split()
said = sys.stdin.read().split()
if said[:1] != right:
    sys.exit(43)
points = 20 if sys.argv[4:] == ['maxOnly=yes'] else 80 if len(said) > 1 else 30
if open(sys.argv[1]).read() == '1 2\n':
    points = 0
open(sys.argv[3] + 'score.txt', 'w').write(f'{points:e}')
sys.exit(42)
