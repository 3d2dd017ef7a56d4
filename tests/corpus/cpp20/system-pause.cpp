#include <cstdlib>
#include <iostream>
int main() {
    std::cout << "Hello, World!" << std::endl;
    if (system("pause")) return 0;
    return 0;
}
