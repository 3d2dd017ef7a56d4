#include <iostream>
#include "Adder.h"
int main() {
    int a, b;
    std::cin >> a >> b;
    std::cout << Adder{}.add(a, b) << std::endl;
}
