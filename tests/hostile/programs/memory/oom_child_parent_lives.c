// @ends memory  @without exited|memory|signalled  @limits memory=32 wall=2
#include "hostile.h"
int main(void)
{
	if (fork() == 0) for (;;) { char *p = malloc(1 << 20); if (!p) _exit(1); memset(p, 1, 1 << 20); }
	wait(0);
	puts("42");
	return 0;
}
