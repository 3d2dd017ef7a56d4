#include <iostream>
int f(int x) { if (x > 100) return 1; }
int main(int c, char**) { std::cout << "Hello " << f(c) << std::endl; }
