print("Hello, World!")
print(10 ** 5000)
