// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0) >= 0); }
