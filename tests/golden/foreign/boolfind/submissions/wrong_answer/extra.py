input()
input()
print('OUTPUT 0\nOUTPUT 0\nOUTPUT 3\nmore')
