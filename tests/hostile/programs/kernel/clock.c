// @profiles all
#include "arena.h"
int main(void) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); return told(clock_settime(CLOCK_REALTIME, &t) == 0); }
