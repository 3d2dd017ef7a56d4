// @compile-ends cpu|wall|exited|memory|output  @compile-limits cpu=1 wall=2 memory=256  @compile-fails  @long
#include __FILE__
#include __FILE__
int main(void) { return 0; }
