// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(428, AT_FDCWD, "/", 1) >= 0 || syscall(430, "tmpfs", 0) >= 0 || syscall(442, -1, "/", 0, 0, 0) == 0); }
