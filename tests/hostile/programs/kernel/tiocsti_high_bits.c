// A filter that compares 64 bits would miss this request, because the kernel reads only 32.
// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_ioctl, 0, 0x100000000UL | TIOCSTI, "x") == 0 || errno != EPERM); }
