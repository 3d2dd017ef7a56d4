#include <stdio.h>
int main(void) {
    int lo = 1, hi = 1000, m;
    char s[20];
    for (;;) {
        m = (lo + hi) / 2;
        printf("%d\n", m);
        if (scanf("%19s", s) != 1 || *s == 'c') return 0;
        if (*s == 'h') lo = m + 1; else hi = m - 1;
    }
}
