größe = input()
print(größe[::-1])
