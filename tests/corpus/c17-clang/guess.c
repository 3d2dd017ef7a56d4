#include <stdio.h>
int main(void) {
    int lo = 1, hi = 1000, m;
    char s[20];
    while (printf("%d\n", m = (lo + hi) / 2), fflush(stdout), scanf("%19s", s) == 1 && *s != 'c')
        if (*s == 'h') lo = m + 1; else hi = m - 1;
}
