// @ends exited|output  @limits wall=1 output=10000
#include "hostile.h"
int main(void) { if (fork() == 0) for (;;) puts("late"); usleep(50000); return 0; }
