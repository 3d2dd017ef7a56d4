#include <stdio.h>
#include <stdlib.h>
static long f(long n, long *acc) { long pad[8]; pad[n & 7] = n; if (!n) return *acc; *acc += pad[n & 7]; return f(n - 1, acc) + (pad[n & 7] - n); }
int main(void) { long n, acc = 0; scanf("%ld", &n); printf("%ld\n", f(n, &acc)); }
