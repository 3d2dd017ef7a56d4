#include <iostream>
template <typename T> concept Any = true;
int main() { Any auto x = "Hello, World!"; std::cout << x; }
