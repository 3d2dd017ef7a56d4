// Fifty timers expire as often as they can.
// @ends cpu|wall  @limits cpu=0.3 wall=2
#include "hostile.h"
static volatile long rung;
static void ring(int s) { rung += s; }
int main(void)
{
	struct itimerspec often = { { 0, 1000 }, { 0, 1000 } };
	struct sigevent s = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t t;
	signal(SIGUSR1, ring);
	for (int i = 0; i < 50; i++) if (timer_create(CLOCK_MONOTONIC, &s, &t) == 0) timer_settime(t, 0, &often, NULL);
	for (;;) pause();
}
