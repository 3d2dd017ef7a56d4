let x: Int = "Hello"
print(x)
