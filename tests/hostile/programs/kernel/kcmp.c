// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0) >= 0); }
