// @compile-ends memory|cpu|wall|exited|output  @compile-limits cpu=1 wall=2 memory=256  @compile-fails
int big[1 << 30] = { 1 };
int main(void) { return big[0]; }
