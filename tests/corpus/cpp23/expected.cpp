#include <expected>
#include <iostream>
#include <string>
#include <utility>
enum class Err { none = 0, bad };
std::expected<int, Err> parse(const std::string& s) {
    if (s.contains("x")) return std::unexpected(Err::bad);
    return std::stoi(s);
}
int main() {
    std::string a, b;
    std::cin >> a >> b;
    auto x = parse(a), y = parse(b);
    if (!x || !y) return std::to_underlying(Err::bad);
    std::cout << *x + *y << '\n';
}
