// Computes for an eighth of the time and sleeps for the rest. The sleep must not count as waiting for a busy host.
// @ends wall  @limits cpu=1 wall=0.5 delay=2
#include "hostile.h"
int main(void) { for (;;) { for (clock_t from = clock(); clock() - from < CLOCKS_PER_SEC / 100;); usleep(75000); } }
