#include <stdio.h>
#include <unistd.h>
int main(void) { puts("Hello, World!"); sleep(30); return 0; }
