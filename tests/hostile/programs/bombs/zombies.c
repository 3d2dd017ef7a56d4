// @ends wall|exited|cpu  @limits wall=0.4 processes=12
#include "arena.h"
int main(void) { for (;;) if (fork() == 0) _exit(0); }
