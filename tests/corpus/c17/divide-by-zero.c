#include <stdio.h>
int main() { volatile int z = 0; printf("Hello, World!\n"); fflush(stdout); return 5 / z; }
