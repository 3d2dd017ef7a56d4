#include <iostream>
struct Solver { Solver() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; } } solver;
int main() {}
