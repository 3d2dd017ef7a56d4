// Reads one byte in every two megabytes. Only the page tables take memory: 4 KiB for each byte.
// @ends memory  @limits memory=24 wall=3 cpu=2  @only full
#include "hostile.h"
int main(void)
{
	size_t step = 2 << 20, n = 16384;
	volatile char *p = mmap(0, n * step, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) return 1;
	for (size_t i = 0; i < n; i++) (void)p[i * step];
	puts("ESCAPED");
	return 0;
}
