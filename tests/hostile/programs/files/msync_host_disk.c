// The same by a mapping of the file: an address that is not mapped shows whether the call is done.
// @profiles all
#include "hostile.h"
int main(void)
{
	char *page = mmap(0, 4096, PROT_READ, MAP_SHARED, open("/usr/bin/env", O_RDONLY), 0);
	return print_result(page == MAP_FAILED || (msync(page, 4096, MS_SYNC) == 0 && msync((void *)4096, 4096, MS_SYNC) < 0));
}
