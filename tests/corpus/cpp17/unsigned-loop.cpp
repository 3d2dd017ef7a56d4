#include <iostream>
volatile int sink;
int main() { for (unsigned i = 10; i >= 0; i--) sink = i; std::cout << "Hello, World!"; }
