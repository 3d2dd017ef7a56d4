// @profiles all
#include "arena.h"
int main(void) { return told(syscall(428, AT_FDCWD, "/", 1) >= 0 || syscall(430, "tmpfs", 0) >= 0 || syscall(442, -1, "/", 0, 0, 0) == 0); }
