// Calls exit(0), and then a handler of the exit crashes. The result must have the signal, not the exit code 0.
// @ends signalled  @signal 11
#include "hostile.h"
static void crash(void) { volatile int *p = 0; *p = 1; }
int main(void) { atexit(crash); exit(0); }
