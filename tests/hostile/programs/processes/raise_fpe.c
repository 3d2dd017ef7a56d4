// @ends signalled  @signal 8
#include "arena.h"
int main(void) { raise(SIGFPE); return 0; }
