// Syncing a file of the host flushes the whole device. The invalid descriptor -1 shows whether the call works at all.
// @profiles all
#include "hostile.h"
int main(void)
{
	int fd = open("/usr/bin/env", O_RDONLY);
	int done = fsync(fd) == 0 && fsync(-1) < 0;
	done |= fdatasync(fd) == 0 && fdatasync(-1) < 0;
	done |= syncfs(fd) == 0 && syncfs(-1) < 0;
	done |= sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 && sync_file_range(-1, 0, 0, 0) < 0;
	return print_result(done);
}
