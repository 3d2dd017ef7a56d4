#include <iostream>
int main() { long long n, a = 0; std::cin >> n; while (a < n - 1) ++a; std::cout << a << ' ' << n - a << std::endl; }
