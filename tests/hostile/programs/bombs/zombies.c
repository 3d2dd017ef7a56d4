// The kernel releases dead processes late, and their memory counts as the box's. On a busy host this may end the run first.
// @ends wall|exited|cpu|memory  @limits wall=0.4 processes=12
#include "hostile.h"
int main(void) { for (;;) if (fork() == 0) _exit(0); }
