// @ends exited  @limits wall=2
#include "hostile.h"
int main(void) { if (fork() == 0) for (;;) pause(); return 0; }
