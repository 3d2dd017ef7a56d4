// @profiles all
#include "hostile.h"
int main(void) { return print_result(syscall(SYS_pivot_root, "/w", "/w") == 0); }
