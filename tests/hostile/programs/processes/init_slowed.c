// init takes the time when the program ends, so the program must not be able to lower init's priority.
// @profiles all
#include "hostile.h"
int main(void)
{
	int slowed = setpriority(PRIO_PROCESS, 1, 19) == 0 || setpriority(PRIO_PROCESS, getppid(), 19) == 0;
	struct sched_param p = { 0 };
	slowed |= sched_setscheduler(1, SCHED_IDLE, &p) == 0 || sched_setscheduler(1, SCHED_BATCH, &p) == 0;
	return print_result(slowed);
}
