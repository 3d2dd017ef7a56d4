#include <fstream>
#include <iostream>
int main() { int n; std::cin >> n; std::cout << n - {{example_constant}} << std::endl; }
