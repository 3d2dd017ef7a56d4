// Sends itself the signal of a spent time limit: it must not be reported as too slow.
// @ends signalled  @signal 24
#include "hostile.h"
int main(void) { return raise(SIGXCPU); }
