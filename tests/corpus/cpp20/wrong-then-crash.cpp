#include <cstdlib>
#include <iostream>
int main() { std::cout << "38" << std::endl; abort(); }
