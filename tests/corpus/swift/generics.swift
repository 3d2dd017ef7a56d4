protocol Addable { static func + (a: Self, b: Self) -> Self }
extension Int: Addable {}
struct Vec<T: Addable> { var x: T }
func + <T>(a: Vec<T>, b: Vec<T>) -> Vec<T> { Vec(x: a.x + b.x) }
enum Reading { case pair(Int, Int), nothing }
func read() -> Reading {
    guard let line = readLine() else { return .nothing }
    let l = line.split(separator: " ").compactMap { Int($0) }
    return .pair(l[0], l[1])
}
if case let .pair(a, b) = read() { print((Vec(x: a) + Vec(x: b)).x) }
