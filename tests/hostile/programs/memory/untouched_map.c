// @ends exited  @says mapped  @limits memory=32 wall=2  @only full
#include "hostile.h"
int main(void)
{
	void *p = mmap(0, 4L << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	puts(p == MAP_FAILED ? "refused" : "mapped");
	return 0;
}
