#include <stdio.h>
int a[1 << 28] = {1};
int main() { printf("Hello, World!\n"); return a[5]; }
