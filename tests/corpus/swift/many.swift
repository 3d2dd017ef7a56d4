let n = Int(readLine()!)!
var s = 0
for _ in 0..<n { s += Int(readLine()!)! }
print(s)
