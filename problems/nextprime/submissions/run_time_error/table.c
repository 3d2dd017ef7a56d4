#include <stdio.h>

static char composite[1000000];

int main(void) {
    long n;
    if (scanf("%ld", &n) != 1) return 1;
    for (long d = 2; d < 1000000; d++)
        for (long m = 2 * d; m < 1000000; m += d) composite[m] = 1;
    if (n >= 999983) return 2;
    do n++; while (n < 2 || composite[n]);
    printf("%ld\n", n);
    return 0;
}
