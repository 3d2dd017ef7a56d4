func f(_ n: Int) -> Int { n == 0 ? 0 : n + f(n - 1) }
print(f(Int(readLine()!)!))
