// A child kills its parent at the limit. The run must not count as one that ended by itself.
// @ends cpu|signalled  @limits cpu=0.1 wall=2
#include "hostile.h"
int main(void)
{
	pid_t parent = getpid();
	if (fork() == 0) { clock_t end = clock() + CLOCKS_PER_SEC / 10; while (clock() < end); kill(parent, SIGKILL); _exit(0); }
	for (;;) ;
}
