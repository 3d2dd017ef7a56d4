#include <iostream>
struct Node { int v; Node* next; };
int main(int c, char**) { Node* volatile n = nullptr; std::cout << "Hello, World!" << std::endl; return n->v; }
