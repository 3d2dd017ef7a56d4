s = 0
try:
    while True:
        line = input().strip()
        if line:
            s += sum(map(int, line.split()))
except EOFError:
    pass
print(s)
