// The program sends itself the signal of an exceeded time limit. It must not be reported as too slow.
// @ends signalled  @signal 24
#include "hostile.h"
int main(void) { return raise(SIGXCPU); }
