// Drops a file of the host from memory, or has it read ahead. All other boxes would then wait for the disk.
// @profiles all
#include "hostile.h"
int main(void)
{
	int fd = open("/usr/bin/env", O_RDONLY), done = 0;
	for (int advice = 0; advice < 6; advice++) done |= posix_fadvise(fd, 0, 0, advice) == 0 && posix_fadvise(-1, 0, 0, advice) != 0;
	return print_result(done || syscall(SYS_readahead, fd, 0, 4096) == 0);
}
