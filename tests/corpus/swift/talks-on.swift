import Foundation
print(37)
fflush(nil)
for i in 0..<100_000 { print(i) }
