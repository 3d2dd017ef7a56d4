#include <cmath>
#include <cstdio>
#include <vector>

int main() {
    int n;
    std::scanf("%d", &n);
    std::vector<double> x(n), y(n);
    for (int i = 0; i < n; i++) std::scanf("%lf %lf", &x[i], &y[i]);
    double area = 0, perimeter = 0;
    for (int i = 0; i < n; i++) {
        int j = (i + 1) % n;
        area += x[i] * y[j] - x[j] * y[i];
        perimeter += std::hypot(x[j] - x[i], y[j] - y[i]);
    }
    std::printf("%.12e\n%.12E\n", std::fabs(area) / 2, perimeter);
}
