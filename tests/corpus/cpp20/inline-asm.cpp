#include <cstdio>
int main() {
    long a, b;
    if (scanf("%ld %ld", &a, &b) != 2) __builtin_trap();
    asm("addq %1, %0" : "+r"(a) : "r"(b));
    printf("%ld\n", a + __builtin_popcount(0));
}
