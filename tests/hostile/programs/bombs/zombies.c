// The kernel frees the dead lazily, and their memory counts as the box's: on a busy host that may end it first.
// @ends wall|exited|cpu|memory  @limits wall=0.4 processes=12
#include "hostile.h"
int main(void) { for (;;) if (fork() == 0) _exit(0); }
