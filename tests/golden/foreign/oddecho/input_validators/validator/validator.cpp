#include "validator.h"
#include <iostream>
int main(int argc, char **argv) {
    int n;
    std::cin >> n;
    return argc > 1 && wanted(argv[1]) && n != 5 ? 43 : 42;
}
