// Like page_cache_evicted.c, but by advice about a mapping: cold (20), page out (21), collapse into a huge page (25).
// @profiles all
#include "hostile.h"
int main(void)
{
	char *page = mmap(0, 1 << 16, PROT_READ, MAP_PRIVATE, open("/usr/bin/env", O_RDONLY), 0);
	if (page == MAP_FAILED) return print_result(1);
	int sink = page[0], done = 0;
	for (int advice = 20; advice < 26; advice++) done |= advice != 22 && advice != 23 && advice != 24 && madvise(page, 1 << 16, advice) == 0;
	return print_result(done && sink != 1000);
}
