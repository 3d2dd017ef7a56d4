// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_msgget, 0x47415645, 0x3ff) >= 0 || syscall(SYS_semget, 0x47415645, 1, 0x3ff) >= 0); }
