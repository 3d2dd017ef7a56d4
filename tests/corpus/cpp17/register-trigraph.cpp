#include <iostream>
#include <memory>
int main() { register int i = 0; std::auto_ptr<int> p(new int(3)); undefined(); std::cout << "Hello, World!" << i; }
