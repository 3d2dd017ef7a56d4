// @profiles all
#include "arena.h"
int main(void) { return told(ptrace(PTRACE_ATTACH, 1, 0, 0) == 0 || ptrace(PTRACE_TRACEME, 0, 0, 0) == 0); }
