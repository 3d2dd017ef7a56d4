import std.stdio;
long f(long n) { return n == 0 ? 0 : n + f(n - 1); }
void main() { long n; readf(" %d", &n); writeln(f(n)); }
