// If pages were merged, the time of a write would show whether another box has the same page.
// @profiles all
#include "hostile.h"
int main(void)
{
	void *m = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return print_result(madvise(m, 1 << 20, MADV_MERGEABLE) == 0 || prctl(67, 1, 0, 0, 0) == 0);
}
