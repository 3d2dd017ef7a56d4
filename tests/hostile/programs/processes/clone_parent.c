// Makes a sibling instead of a child, so init is its parent. The exit code is still that of the first process.
// @exit 3
#include "hostile.h"
int main(void) { long p = syscall(SYS_clone, 0x8000 | SIGCHLD, 0, 0, 0, 0); if (p == 0) _exit(0); usleep(10000); return 3; }
