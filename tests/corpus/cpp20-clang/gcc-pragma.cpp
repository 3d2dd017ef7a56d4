#pragma GCC optimize("Ofast")
#pragma GCC target("sse4.2")
#include <iostream>
int main() { long a, b; std::cin >> a >> b; std::cout << a + b; }
