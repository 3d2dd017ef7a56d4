// @profiles all
#include "hostile.h"
int main(void) { long p = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); if (p == 0) _exit(0); return print_result(p > 0); }
