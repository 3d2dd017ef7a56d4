import Foundation
var lo = 1
var hi = 1000
while true {
    let m = (lo + hi) / 2
    print(m)
    fflush(nil)
    let s = readLine()
    if s == "higher" { lo = m + 1 } else if s == "lower" { hi = m - 1 } else { break }
}
