// The child's parent is made to wait: no time of ours is charged, and none of the child's is lost.
// @ends cpu  @limits cpu=0.2 wall=2  @only full
#include "hostile.h"
int main(void) { signal(SIGCHLD, SIG_IGN); for (;;) { if (fork() == 0) { clock_t u = clock() + CLOCKS_PER_SEC / 100; while (clock() < u); _exit(0); } wait(0); } }
