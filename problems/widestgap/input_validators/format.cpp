#include <cctype>
#include <cstdio>

static long read_number() {
    int c = std::getchar();
    if (!std::isdigit(c)) return -1;
    long value = 0;
    for (; std::isdigit(c) && value <= 10000000000L; c = std::getchar()) value = 10 * value + (c - '0');
    std::ungetc(c, stdin);
    return value;
}

int main() {
    long n = read_number();
    if (n < 2 || n > 1300000 || std::getchar() != '\n') return 1;
    for (long i = 0; i < n; i++) {
        long value = read_number();
        if (value < 0 || value > 1000000000) return 1;
        if (std::getchar() != (i + 1 < n ? ' ' : '\n')) return 1;
    }
    return std::getchar() == EOF ? 42 : 1;
}
