#include <stdio.h>
int add(a, b) int a, b; { return a + b; }
int main() { int a, b; scanf("%d%d", &a, &b); printf("%d\n", add(a, b)); }
