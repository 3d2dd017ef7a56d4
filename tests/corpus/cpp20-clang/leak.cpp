#include <iostream>
struct N { N* next; long pad[15]; };
int main() { N* head = nullptr; for (long i = 0;; i++) { head = new N{head, {i}}; if (i < 0) std::cout << head; } }
