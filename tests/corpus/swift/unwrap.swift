print("Hello, World!")
let n = Int("x")!
print(n)
