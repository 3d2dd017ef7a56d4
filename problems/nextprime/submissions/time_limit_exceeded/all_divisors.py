def is_prime(n):
    return n > 1 and sum(1 for d in range(1, n + 1) if n % d == 0) == 2


n = int(input()) + 1
while not is_prime(n):
    n += 1
print(n)
