// @ends signalled  @profiles all
#include "arena.h"
int main(void) { return told(syscall(0x40000000 | SYS_getpid) > 0); }
