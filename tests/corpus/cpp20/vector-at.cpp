#include <iostream>
#include <vector>
int main() { std::vector<int> v(3); std::cout << "Hello, World!" << std::endl; return v.at(3); }
