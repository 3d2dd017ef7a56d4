let a = readLine()!.split(separator: " ").map { Int($0)! }
print(add(a[0], a[1]))
