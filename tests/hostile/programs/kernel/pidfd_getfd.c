// Tries to take a descriptor from init.
// @profiles all
#include "hostile.h"
int main(void) { long p = syscall(434, 1, 0); return print_result(p >= 0 || syscall(438, p, 0, 0) >= 0 || errno != ENOSYS); }
