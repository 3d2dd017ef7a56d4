#include <algorithm>
#include <compare>
#include <concepts>
#include <iostream>
#include <ranges>
#include <span>
#include <vector>

template <typename T>
concept Number = std::integral<T> || std::floating_point<T>;

struct Item {
    int key;
    auto operator<=>(const Item&) const = default;
};

void print(std::span<const Item> items) {
    for (auto k : items | std::views::transform([](const Item& i) { return i.key; })) std::cout << k << ' ';
}

auto twice(Number auto x) { return x + x; }

int main() {
    int n;
    std::cin >> n;
    std::vector<Item> v;
    for (int x; n-- && std::cin >> x;) v.push_back({.key = x});
    std::ranges::sort(v);
    print(v);
    return twice(0);
}
