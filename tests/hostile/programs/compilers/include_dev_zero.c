// @compile-ends memory|cpu|wall|exited  @compile-limits cpu=1 wall=2 memory=128  @compile-fails
#include </dev/zero>
