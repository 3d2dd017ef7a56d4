// @profiles all
#include "hostile.h"
int main(void) { char p[120] = { 0 }; return print_result(syscall(SYS_io_uring_setup, 4, p) >= 0); }
