input()
print('x')
