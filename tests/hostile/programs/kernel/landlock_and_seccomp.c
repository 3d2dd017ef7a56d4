// @profiles all
#include "arena.h"
int main(void) { return told(syscall(444, 0, 0, 1) >= 0 || syscall(SYS_seccomp, 0, 0, 0) == 0); }
