#include <iostream>
int a[10];
int main(int argc, char**) { std::cout << "Hello, World!" << std::endl; a[argc * 100000000] = 1; return a[3]; }
