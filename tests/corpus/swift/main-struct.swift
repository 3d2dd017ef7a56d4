@main
struct Solution {
    static func main() {
        print("Hello, World!")
    }
}
