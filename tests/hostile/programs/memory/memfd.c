// @ends memory  @without exited|signalled|output|memory  @limits memory=32 wall=2  @profiles python
#include "hostile.h"
int main(void)
{
	static char block[1 << 20];
	memset(block, 1, sizeof block);
	for (int f = 0; f < 8; f++) {
		int fd = memfd_create("x", 0);
		for (int i = 0; i < 30; i++) if (write(fd, block, sizeof block) < 0) return 1;
	}
	return 0;
}
