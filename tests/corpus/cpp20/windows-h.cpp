#include <windows.h>
#include <iostream>
int main() { std::cout << "Hello, World!"; system("pause"); }
