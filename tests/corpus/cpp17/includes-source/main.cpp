#include <iostream>
#include "solution.cpp"
int main() {
    int a, b;
    std::cin >> a >> b;
    std::cout << Solution().add(a, b) << std::endl;
}
