#include <iostream>
#define ADD(a, b) \
  a + b
int main() { int a, b; std::cin >> a >> b; std::cout << (ADD(a, b)) << "\r\n"; }
