#include "testlib.h"
#include <cstdlib>
#include <iostream>
// testlib's validators end with 0 for what is valid, and with 3 for what is not.
int main() {
    long long a, b;
    std::exit(std::cin >> a >> b ? 0 : 3);
}
