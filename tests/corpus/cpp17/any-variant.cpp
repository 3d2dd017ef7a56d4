#include <any>
#include <iostream>
#include <optional>
#include <string_view>
#include <variant>
using V = std::variant<int, double>;
std::optional<int> read() { int x; if (std::cin >> x) return x; return std::nullopt; }
template <class T> constexpr std::string_view kind() { if constexpr (std::is_same_v<T, int>) return "int"; else return "?"; }
int main() {
    V a = *read(), b = read().value_or(0);
    std::any any = kind<int>();
    std::cout << std::visit([](auto x, auto y) { return int(x + y); }, a, b) << '\n';
    return std::any_cast<std::string_view>(any).size() - 3;
}
