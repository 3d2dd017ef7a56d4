#include <iostream>
#include <vector>
int main() { std::vector<long long> v(1LL << 40); std::cout << "Hello, World!" << v[3]; }
