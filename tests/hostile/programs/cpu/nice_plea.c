// @ends cpu  @limits cpu=0.2 wall=2
#include "hostile.h"
int main(void) { setpriority(PRIO_PROCESS, 0, -20); struct sched_param p = { 1 }; sched_setscheduler(0, SCHED_FIFO, &p); for (;;); }
