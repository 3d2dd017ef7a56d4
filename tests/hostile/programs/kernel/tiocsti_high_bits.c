// A filter that compared 64 bits would miss this one: the kernel looks at 32.
// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_ioctl, 0, 0x100000000UL | TIOCSTI, "x") == 0 || errno != EPERM); }
