x = float(input())
print(1 / x + 4e-6, 'inf')
