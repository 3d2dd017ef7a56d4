#include <iostream>
int solve(int);
int main() { std::cout << "Hello, World!" << solve(3); }
