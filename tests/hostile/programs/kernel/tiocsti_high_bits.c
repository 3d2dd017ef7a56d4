// A filter that compared 64 bits would miss this one: the kernel looks at 32.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_ioctl, 0, 0x100000000UL | TIOCSTI, "x") == 0 || errno != EPERM); }
