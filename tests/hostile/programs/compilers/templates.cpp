// @compile-ends cpu|wall|memory|exited|output  @compile-limits cpu=1 wall=2 memory=256  @compile-fails  @long
template <int N, long M> struct T { static const long v = T<N - 1, 2 * M>::v + T<N - 1, 2 * M + 1>::v; };
template <long M> struct T<0, M> { static const long v = M; };
int main() { return T<24, 1>::v & 1; }
