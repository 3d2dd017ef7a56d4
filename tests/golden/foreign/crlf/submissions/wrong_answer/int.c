#include <stdio.h>
int main() { int n, x; short s = 0; scanf("%d", &n);
while (n--) { scanf("%d", &x); s += x; }
printf("%d\n", s); }
