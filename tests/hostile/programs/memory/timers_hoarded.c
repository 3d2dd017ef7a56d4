// @ends exited|memory|cpu|wall  @limits memory=16 wall=3 cpu=2  @never HOARDED
#include "hostile.h"
int main(void)
{
	struct sigevent s = { .sigev_notify = SIGEV_NONE };
	timer_t t;
	int n = 0;
	while (n < 300000 && timer_create(CLOCK_MONOTONIC, &s, &t) == 0) n++;
	puts(n > 200000 ? "HOARDED" : "few");
	return 0;
}
