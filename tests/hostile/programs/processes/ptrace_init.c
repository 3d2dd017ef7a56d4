// @profiles all
#include "hostile.h"
int main(void) { return print_result(ptrace(PTRACE_ATTACH, 1, 0, 0) == 0 || ptrace(PTRACE_TRACEME, 0, 0, 0) == 0); }
