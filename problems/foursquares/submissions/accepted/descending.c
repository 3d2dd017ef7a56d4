#include <math.h>
#include <stdio.h>

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    for (int a = 0; a * a <= n; a++)
        for (int b = 0; a * a + b * b <= n; b++)
            for (int c = 0; a * a + b * b + c * c <= n; c++) {
                int rest = n - a * a - b * b - c * c, d = (int)lround(sqrt(rest));
                if (d * d == rest) {
                    printf("%d\n%d %d\n%d\n", d, c, b, a);
                    return 0;
                }
            }
}
