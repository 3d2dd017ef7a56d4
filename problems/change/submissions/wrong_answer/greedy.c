#include <stdio.h>
#include <stdlib.h>

static int descending(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }

int main(void) {
    int n, s, coins[50], count = 0;
    if (scanf("%d %d", &n, &s) != 2) return 1;
    for (int i = 0; i < n; i++)
        if (scanf("%d", &coins[i]) != 1) return 1;
    qsort(coins, n, sizeof *coins, descending);
    for (int i = 0; i < n; i++) {
        count += s / coins[i];
        s %= coins[i];
    }
    printf("%d\n", s ? -1 : count);
    return 0;
}
