#include <stdio.h>
#include <stdlib.h>
static char b[1 << 25];
int main(void) {
    size_t len = fread(b, 1, sizeof b - 1, stdin);
    b[len] = 0;
    char *p = b;
    long n = strtol(p, &p, 10), s = 0;
    while (n--) s += strtol(p, &p, 10);
    printf("%ld\n", s);
}
