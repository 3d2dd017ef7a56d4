#include <cstdlib>
#include <iostream>
int main() {
    std::ios::sync_with_stdio(false);
    int a, b;
    std::cin >> a >> b;
    std::cout << a + b << '\n';
    std::_Exit(0);
}
