#include <cstdio>
#include <fstream>

int main(int argc, char *argv[]) {
    std::ifstream input(argv[1]), correct(argv[2]), output(argv[3]);
    long n, a, b;
    input >> n;
    double share = !(output >> a >> b) || a + b != n ? 0.0 : a > 0 && b > 0 ? 1.0 : 0.5;
    printf("%.2f\n", share);
    fprintf(stderr, share == 1.0 ? "translate:success" : "translate:wrong");
}
