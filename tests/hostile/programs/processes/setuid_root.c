// @profiles all
#include "arena.h"
int main(void) { return told(setuid(0) == 0 || setresuid(0, 0, 0) == 0 || syscall(SYS_setfsuid, 0) == -2); }
