#include <stdio.h>
int main() {
    long x, s = 0;
    while (scanf("%ld", &x) != EOF) s += x;
    printf("%ld\n", s);
    return 0;
}
