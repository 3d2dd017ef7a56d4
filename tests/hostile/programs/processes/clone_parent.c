// A sibling instead of a child would be init's own; the exit code is still the first one's.
// @exit 3
#include "hostile.h"
int main(void) { long p = syscall(SYS_clone, 0x8000 | SIGCHLD, 0, 0, 0, 0); if (p == 0) _exit(0); usleep(10000); return 3; }
