// @profiles all
#include "hostile.h"
int main(void) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); return print_result(clock_settime(CLOCK_REALTIME, &t) == 0); }
