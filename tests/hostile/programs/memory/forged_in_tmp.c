// Fills a file in /tmp, which is memory and not file cache, and removes it before the end. The memory must still count.
// @limits memory=512 cpu=5 wall=20 file=268435456 workspace=256 @memory 200 @only full
#include "hostile.h"
static char block[1 << 20];
int main(void)
{
	int fd = open("/tmp/x", O_CREAT | O_RDWR, 0600);
	for (int i = 0; i < 200; i++) write(fd, block, sizeof block);
	usleep(100000);
	return print_result(ftruncate(fd, 0) < 0 || unlink("/tmp/x") < 0);
}
