// A child that stops its parent: that is a sleep, ended by the wall limit.
// @ends wall @limits wall=0.5
#include "hostile.h"
int main(void) { if (fork() == 0) { kill(getppid(), SIGSTOP); _exit(0); } for (;;) pause(); }
