// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(444, 0, 0, 1) >= 0 || syscall(SYS_seccomp, 0, 0, 0) == 0); }
