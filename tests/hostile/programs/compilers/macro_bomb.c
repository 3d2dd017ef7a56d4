// @compile-ends cpu|wall|memory|exited|output  @compile-limits cpu=1 wall=2 memory=128  @compile-fails
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(x))))
int main(void) { B(B(puts("x");)) return 0; }
