def f(n):
    return 0 if n == 0 else n + f(n - 1)


print(f(int(input())))
