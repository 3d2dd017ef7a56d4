#include <assert.h>
#include <stdio.h>
int main(void) { puts("Hello, World!"); assert(1 + 1 == 3); }
