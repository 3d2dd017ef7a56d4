// If a program could lower its score, the kernel would spare it and kill another process of the group instead.
// @ends memory|exited  @without exited|memory|output  @limits memory=32 workspace=256
#include "hostile.h"
static char block[1 << 16];
int main(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY), lowered = fd >= 0 && write(fd, "0", 1) == 1;
	print_result(lowered);
	fflush(stdout);
	for (int file = 0; file < 16; file++) {
		char name[32];
		snprintf(name, sizeof name, "/tmp/%d", file);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
		for (int i = 0; i < 512 && write(fd, block, sizeof block) > 0; i++)
			;
	}
	return 0;
}
