// @ends memory  @without memory|signalled|exited  @limits memory=32 wall=2
#include "hostile.h"
int main(void)
{
	char *p = mmap(0, 200 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) return 1;
	for (int i = 0; i < 200; i++) memset(p + (i << 20), 1, 1 << 20), usleep(500);
	return 0;
}
