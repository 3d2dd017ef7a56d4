#include <iostream>
int main() { long long c; std::cin >> c; std::cout << c << ' ' << 0; }
