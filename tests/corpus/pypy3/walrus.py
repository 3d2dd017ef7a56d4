import sys
counts = {}
while line := sys.stdin.readline():
    for w in line.split():
        counts |= {w: counts.get(w, 0) + 1}
for w in sorted(counts):
    print(f"{w} {counts[w]}")
