// @profiles all
#include "arena.h"
int main(void) { cpu_set_t s; CPU_ZERO(&s); CPU_SET(0, &s); return told(sched_setaffinity(0, sizeof s, &s) == 0); }
