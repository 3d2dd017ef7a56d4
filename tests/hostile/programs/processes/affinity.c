// @profiles all
#include "hostile.h"
int main(void) { cpu_set_t s; CPU_ZERO(&s); CPU_SET(0, &s); return print_result(sched_setaffinity(0, sizeof s, &s) == 0); }
