#include <stdio.h>
int main() { printf("%d\n", x); return 0; }
