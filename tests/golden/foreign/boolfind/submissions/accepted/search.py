for _ in range(int(input())):
    low, high = 0, int(input()) - 1
    while high - low > 1:
        middle = (low + high) // 2
        print("READ", middle, flush=True)
        if input() == "true":
            low = middle
        else:
            high = middle
    print("OUTPUT", low, flush=True)
