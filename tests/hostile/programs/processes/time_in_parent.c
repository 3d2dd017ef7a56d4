// The parent waits for each child. The box's own time must not be charged, and none of the children's may be lost.
// @ends cpu  @limits cpu=0.2 wall=2  @only full
#include "hostile.h"
int main(void) { signal(SIGCHLD, SIG_IGN); for (;;) { if (fork() == 0) { clock_t u = clock() + CLOCKS_PER_SEC / 100; while (clock() < u); _exit(0); } wait(0); } }
