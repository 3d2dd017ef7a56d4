#include <stdio.h>
#include <stdlib.h>
static char buf[1 << 22];
static void solve(void) {
    int n;
    scanf("%d", &n);
    for (int i = 1; i <= n; i++) printf("%d\n", i);
    exit(0);
}
int main(void) { setvbuf(stdout, buf, _IOFBF, sizeof buf); solve(); }
