// @profiles all
#include <linux/sched.h>
#include "hostile.h"
int main(void) { struct clone_args a = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD }; long p = syscall(SYS_clone3, &a, sizeof a); if (p == 0) _exit(0); return print_result(p > 0); }
