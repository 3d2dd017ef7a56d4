n, s = map(int, input().split())
coins = list(map(int, input().split()))
mask = (1 << (s + 1)) - 1
reach, count = 1, 0
seen = 1
while not reach >> s & 1:
    following = 0
    for coin in coins:
        following |= reach << coin
    reach = following & mask & ~seen
    seen |= reach
    count += 1
    if not reach:
        count = -1
        break
print(count)
