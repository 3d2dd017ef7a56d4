#include <stdio.h>
int main() { long long a, b; scanf("%lld %lld", &a, &b); printf("%d\n", (int)a + (int)b); return 0; }
