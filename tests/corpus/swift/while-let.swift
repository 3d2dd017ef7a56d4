var sum = 0
while let line = readLine() {
    for w in line.split(separator: " ") { sum += Int(w)! }
}
print(sum)
