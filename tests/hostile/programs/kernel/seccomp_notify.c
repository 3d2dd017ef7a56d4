// Tries to install a filter whose listener would answer its calls.
// @profiles all
#include "hostile.h"
int main(void) { char p[16] = { 0 }; return print_result(syscall(SYS_seccomp, 1, 8, p) >= 0 || errno != ENOSYS || prctl(PR_SET_SECCOMP, 2, p) == 0); }
