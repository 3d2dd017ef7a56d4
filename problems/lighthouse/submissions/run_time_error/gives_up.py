n = int(input())
if n > 100:
    raise SystemExit(1)
low, high = 1, n
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == "here":
        break
    if answer == "further":
        low = middle + 1
    else:
        high = middle - 1
