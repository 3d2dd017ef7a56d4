#include <stdio.h>
#define gc getchar_unlocked
static inline long long readll(void) {
    int c = gc(), neg = 0;
    long long x = 0;
    while (c != '-' && (c < '0' || c > '9')) c = gc();
    if (c == '-') neg = 1, c = gc();
    for (; c >= '0' && c <= '9'; c = gc()) x = x * 10 + (c - '0');
    return neg ? -x : x;
}
int main(void) {
    int n = (int)readll();
    long long s = 0;
    while (n--) s += readll();
    printf("%lld\n", s);
    return 0;
}
