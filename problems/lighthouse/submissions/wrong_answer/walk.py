n = int(input())
for mile in range(1, n + 1):
    print(mile, flush=True)
    if input() == "here":
        break
