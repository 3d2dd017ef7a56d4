// @ends cpu|exited  @limits cpu=0.3 wall=2  @cpu 200  @only full
#include "hostile.h"
int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) { while (clock() < CLOCKS_PER_SEC / 10); _exit(0); }
	while (wait(0) > 0);
	return 0;
}
