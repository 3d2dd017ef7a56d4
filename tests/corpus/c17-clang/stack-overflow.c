#include <stdio.h>
int f(int n) { volatile char a[4096]; a[n & 4095] = 1; return a[f(n + 1) & 4095]; }
int main(void) { printf("%d\n", f(0)); }
