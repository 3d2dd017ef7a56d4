// @compile-ends cpu|wall|memory|exited  @compile-limits cpu=1 wall=2 memory=256  @compile-fails
constexpr long burn(long n) { long s = 0; for (long i = 0; i < n; i++) for (long j = 0; j < n; j++) s += i ^ j; return s; }
static_assert(burn(1000000) != 1, "");
int main() { return 0; }
