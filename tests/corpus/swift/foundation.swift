import Foundation

func readInts() -> [Int] {
    return readLine()!.components(separatedBy: " ").compactMap { Int($0) }
}

let values = readInts()
print(String(format: "%d", values[0] + values[1]))
