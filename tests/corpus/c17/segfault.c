#include <stdio.h>
int main() { int *p = NULL; printf("Hello, World!\n"); *(volatile int *)p = 3; return 0; }
