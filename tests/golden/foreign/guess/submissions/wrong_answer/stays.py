for _ in range(12):
    print(500, flush=True)
    input()
