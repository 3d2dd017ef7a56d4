#include "testlib.h"
#include <cstdlib>
#include <fstream>
#include <iostream>
// testlib's order: input, output of the contestant, answer of the jury; 0 is ok, 1 is wrong.
int main(int, char **argv) {
    long long said, right;
    if (!(std::ifstream(argv[2]) >> said)) { std::cerr << "wrong output format"; std::exit(2); }
    std::ifstream(argv[3]) >> right;
    std::cerr << "expected " << right << ", found " << said << std::endl;
    std::exit(said == right ? 0 : 1);
}
