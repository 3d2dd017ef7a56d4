#include <iostream>
void hello() { std::cout << "hello  WORLD!"; }
