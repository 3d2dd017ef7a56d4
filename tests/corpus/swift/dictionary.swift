var count: [String: Int] = [:]
while let line = readLine() {
    for w in line.split(separator: " ") { count[String(w), default: 0] += 1 }
}
for (w, n) in count.sorted(by: { $0.key < $1.key }) { print(w, n) }
