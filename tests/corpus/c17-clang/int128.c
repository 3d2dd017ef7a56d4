#include <stdio.h>
static void print(unsigned __int128 x) { if (x > 9) print(x / 10); putchar('0' + (int)(x % 10)); }
int main(void) {
    int n;
    unsigned __int128 r = 1;
    scanf("%d", &n);
    while (n > 1) r *= n--;
    print(r);
    puts("");
}
