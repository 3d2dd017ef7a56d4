#include <stdio.h>
#include <math.h>
#include <locale.h>
int main() {
    setlocale(LC_ALL, "");
    int n;
    double x, s = 0;
    scanf("%d", &n);
    for (int i = 0; i < n; i++) { scanf("%lf", &x); s += sqrt(pow(x, 2)); }
    printf("%.4f\n", s / n);
    return 0;
}
