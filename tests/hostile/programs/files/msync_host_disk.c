// Like fsync_host_disk.c, but through a mapping of the file. An address without a mapping shows whether the call works at all.
// @profiles all
#include "hostile.h"
int main(void)
{
	char *page = mmap(0, 4096, PROT_READ, MAP_SHARED, open("/usr/bin/env", O_RDONLY), 0);
	return print_result(page == MAP_FAILED || (msync(page, 4096, MS_SYNC) == 0 && msync((void *)4096, 4096, MS_SYNC) < 0));
}
