#include <stdio.h>
#include <string.h>
long long f(int n) {
    volatile char pad[1000];
    pad[n % 1000] = 1;
    if (n == 0) return 0;
    return n + f(n - 1) + (pad[n % 1000] - 1);
}
int main(void) {
    int n;
    scanf("%d", &n);
    printf("%lld\n", f(n));
    return 0;
}
