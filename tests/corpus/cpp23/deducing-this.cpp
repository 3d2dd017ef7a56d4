#include <iostream>
struct A { template <class S> void greet(this S&& self) { std::cout << "Hello, World!\n"; } };
int main() { A{}.greet(); }
