#include <stdio.h>
int main() { for (;;) puts("Hello, World!"); }
