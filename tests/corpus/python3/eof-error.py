s = 0
while True:
    s += sum(map(int, input().split()))
    print(s)
