print("Hello, World!")
let a = [1]
print(a[CommandLine.arguments.count + 3])
