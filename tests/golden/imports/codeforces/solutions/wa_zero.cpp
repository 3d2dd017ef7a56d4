#include <iostream>
int main() { int n; std::cin >> n; std::cout << 0 << ' ' << n << std::endl; }
