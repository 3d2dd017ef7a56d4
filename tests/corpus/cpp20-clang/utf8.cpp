#include <iostream>
void печать(const char* строка) { std::cout << строка; }
int main() { печать("Hello, World!\n"); }
