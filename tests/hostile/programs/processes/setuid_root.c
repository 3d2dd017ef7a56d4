// @profiles all
#include "hostile.h"
int main(void) { return print_result(setuid(0) == 0 || setresuid(0, 0, 0) == 0 || syscall(SYS_setfsuid, 0) == -2); }
