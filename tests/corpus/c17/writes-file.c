#include <stdio.h>
int main() {
#ifndef ONLINE_JUDGE
    freopen("input.txt", "r", stdin);
    freopen("output.txt", "w", stdout);
#endif
    int a, b;
    scanf("%d %d", &a, &b);
    FILE *log = fopen("/tmp/log.txt", "w");
    if (log) { fprintf(log, "%d %d\n", a, b); fclose(log); }
    printf("%d\n", a + b);
    return 0;
}
