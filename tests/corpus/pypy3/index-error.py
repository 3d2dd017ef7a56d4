print("Hello, World!")
print([1, 2][2])
