import core.stdc.stdio;
extern (C) int main() {
    int n;
    scanf("%d", &n);
    long s = 0, x;
    while (n--) { scanf("%lld", &x); s += x; }
    printf("%lld\n", s);
    return 0;
}
