#include <math.h>
#include <stdio.h>

int main(void) {
    int n;
    static double x[1000], y[1000];
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++)
        if (scanf("%lf %lf", &x[i], &y[i]) != 2) return 1;
    double area = 0, perimeter = 0;
    for (int i = 0; i < n; i++) {
        int j = (i + 1) % n;
        area += x[i] * y[j] - x[j] * y[i];
        perimeter += hypot(x[j] - x[i], y[j] - y[i]);
    }
    printf("%.0f %.0f\n", fabs(area) / 2, perimeter);
    return 0;
}
