#include <cstdio>
#include <cctype>
namespace io {
const int SIZE = 1 << 16;
char buf[SIZE], *p1 = buf, *p2 = buf;
inline int gc() { return p1 == p2 && (p2 = (p1 = buf) + fread(buf, 1, SIZE, stdin), p1 == p2) ? EOF : *p1++; }
template <typename T> inline void read(T& x) {
    x = 0; int f = 1, c = gc();
    while (!isdigit(c)) { if (c == '-') f = -1; c = gc(); }
    while (isdigit(c)) x = x * 10 + (c ^ 48), c = gc();
    x *= f;
}
template <typename T, typename... A> inline void read(T& x, A&... a) { read(x); read(a...); }
}
int main() {
    int n; long long s = 0, x;
    io::read(n);
    while (n--) { io::read(x); s += x; }
    printf("%lld\n", s);
}
