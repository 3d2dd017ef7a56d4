// @ends memory  @without memory|exited|wall  @limits memory=48 wall=1 processes=12
#include "hostile.h"
int main(void)
{
	for (int i = 0; i < 8; i++)
		if (fork() == 0) { char *p = malloc(20 << 20); if (p) memset(p, 1, 20 << 20); pause(); }
	for (;;) if (wait(0) < 0) return 0;
}
