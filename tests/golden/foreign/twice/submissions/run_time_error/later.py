n = int(input())
assert n % 2 == 0
print(2 * n)
