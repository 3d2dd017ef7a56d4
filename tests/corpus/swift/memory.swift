var all: [[Int]] = []
while true { all.append([Int](repeating: 1, count: 100_000)) }
