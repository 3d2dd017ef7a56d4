// The parent of a vfork waits until its child has ended, and the child stops itself.
// @ends wall  @limits wall=0.4
#include "hostile.h"
int main(void) { if (vfork() == 0) { raise(SIGSTOP); for (;;) pause(); } return 0; }
