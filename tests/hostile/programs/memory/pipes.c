// @ends exited|memory|signalled  @limits memory=32 wall=2  @never HOARDED
#include "hostile.h"
int main(void)
{
	static char block[65536];
	int n = 0, fd[2];
	while (n < 2000 && pipe2(fd, O_NONBLOCK) == 0) { n++; if (write(fd[1], block, sizeof block) < 0) break; }
	puts(n > 1000 ? "HOARDED" : "few");
	return 0;
}
