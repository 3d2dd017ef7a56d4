#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <ctype.h>
#define MAXN 10000005
int a[MAXN];
char s[MAXN];
int cmp(const void *x, const void *y) { return *(const int *)x - *(const int *)y; }
int main() {
    int n, i;
    scanf("%d", &n);
    for (i = 0; i < n; i++) scanf("%d", a + i);
    qsort(a, n, sizeof a[0], cmp);
    for (i = 0; i < n; i++) printf("%d%c", a[i], i == n - 1 ? '\n' : ' ');
    return 0;
}
