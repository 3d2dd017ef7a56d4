#include <stdio.h>

static int is_prime(long n) {
    if (n < 2) return 0;
    for (long d = 2; d * d <= n; d++)
        if (n % d == 0) return 0;
    return 1;
}

int main(void) {
    long n;
    if (scanf("%ld", &n) != 1) return 1;
    do n++; while (!is_prime(n));
    printf("%ld\n", n);
    return 0;
}
