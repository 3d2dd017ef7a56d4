#include <stdio.h>
#include <string.h>
static char a[3000000000u];
int main() { memset(a, 1, sizeof a); printf("Hello, World! %d\n", a[77]); return 0; }
