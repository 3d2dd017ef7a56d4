// A timer can stop its own program. The wall limit then ends the run.
// @ends wall  @limits cpu=1 wall=0.3
#include "hostile.h"
int main(void)
{
	struct sigevent stop = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGSTOP };
	struct itimerspec soon = { .it_value = { 0, 1000000 } };
	timer_t t;
	if (timer_create(CLOCK_MONOTONIC, &stop, &t) || timer_settime(t, 0, &soon, 0)) return 1;
	for (;;) pause();
}
