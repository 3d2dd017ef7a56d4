// @profiles all
#include "arena.h"
int main(void) { char p[120] = { 0 }; return told(syscall(SYS_io_uring_setup, 4, p) >= 0); }
