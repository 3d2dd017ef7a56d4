#include <cstdio>
int main() { signed char n; int m; scanf("%d", &m); n = m; printf("%d\n", n == m ? n * n : 0); }
