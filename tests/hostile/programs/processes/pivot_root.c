// @profiles all
#include "arena.h"
int main(void) { return told(syscall(SYS_pivot_root, "/w", "/w") == 0); }
