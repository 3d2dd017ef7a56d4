#include <bit>
#include <iostream>
#include <utility>
[[nodiscard]] int pick(int x) { switch (x) { case 1: return 7; default: std::unreachable(); } }
int main(int c, [[maybe_unused]] char** v) { if (std::byteswap(1u) && pick(c) == 7) [[likely]] std::cout << "Hello, World!"; }
