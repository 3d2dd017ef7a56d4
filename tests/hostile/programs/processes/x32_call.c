// @ends signalled  @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(0x40000000 | SYS_getpid) > 0); }
